//! Jobs on the agent link: from enabling to verified success, and what stands in the way.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests end the test, as tests do")]

mod harness;

use fettle_deploy::job::{AssetSelection, Definition, Job, JobKind, JobStatus, Options, Schedule};
use fettle_deploy::run::{AssetRunStatus, PackageChange, PatchRunStatus, Report};
use fettle_model::access::{Role, Scope};
use fettle_model::ids::{AssetId, JobId, PatchId, RunId};
use fettle_model::inventory::Inventory;
use fettle_server::work::Reconciler;
use fettle_store::{RunAssetFilter, RunAssetRecord};
use harness::agent::TestAgent;
use harness::samples::{bookworm, patch};
use harness::{Harness, eventually};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn definition(kind: JobKind, patches: &[&str], assets: &[AssetId]) -> Definition {
    Definition {
        name: "update curl".to_owned(),
        description: String::new(),
        kind,
        patches: patches.iter().map(|&id| PatchId(id.to_owned())).collect(),
        assets: AssetSelection { include_assets: assets.iter().copied().collect(), ..AssetSelection::default() },
        schedule: Some(Schedule::OnDemand),
        options: Options::default(),
    }
}

/// Stores an enabled job and asks for its run, as the API does.
async fn enable(harness: &Harness, definition: Definition) -> JobId {
    use fettle_model::clock::Entropy;
    let owner =
        harness.user(&format!("owner-{}", harness.app().store.users().await.unwrap().len()), Role::PatchUser, Scope::Everything).await;
    let id = JobId::make(harness.now(), harness.entropy.ten());
    let job = Job::new(id, definition, Some(owner), harness.now()).expect("a sound job");
    harness.app().store.create_job(&job, &harness.audit("job.create")).await.unwrap();
    harness.advance(Duration::from_millis(5));
    let enabled = job.clone().enable(harness.now()).expect("a complete job");
    harness.app().store.update_job(&enabled, job.updated_at, &harness.audit("job.enable")).await.unwrap();
    harness.app().signals.ask(Reconciler::ScheduleJobs);
    id
}

async fn run_of(harness: &Harness, job: JobId) -> RunId {
    eventually("the job runs", async || harness.app().store.runs_of(job).await.unwrap().first().map(|run| run.id)).await
}

async fn parts(harness: &Harness, run: RunId) -> Vec<RunAssetRecord> {
    harness.app().store.run_assets(run, &RunAssetFilter::default(), None, 100).await.unwrap().0
}

async fn status(harness: &Harness, run: RunId, asset: AssetId) -> (AssetRunStatus, Vec<PatchRunStatus>) {
    let part = harness.app().store.run_asset(run, asset).await.unwrap().expect("a part");
    (part.state.status, part.state.patches.iter().map(|patch| patch.status).collect())
}

fn asset_now(status: AssetRunStatus) -> Report {
    Report::Asset { status, failure: None }
}

fn patch_now(id: &PatchId, status: PatchRunStatus, changes: Vec<PackageChange>) -> Report {
    Report::Patch { patch: id.clone(), status, failure: None, changes }
}

/// Carries out the only manifest there is and reports it, without the scan that proves it.
async fn carry_out(machine: &TestAgent, from: &str) -> RunId {
    let (_, manifests) = machine.work().await.unwrap();
    let [manifest] = &manifests[..] else { panic!("one manifest, not {manifests:?}") };
    assert_eq!(manifest.asset, machine.asset());
    let mut events = vec![machine.event(manifest.run, asset_now(AssetRunStatus::Received))];
    for planned in &manifest.patches {
        let package = &planned.packages[0];
        let (name, architecture) = (package.name.clone(), package.architecture.clone());
        let change = PackageChange { name, architecture, from: from.to_owned(), to: package.version.clone() };
        for (status, changes) in [(PatchRunStatus::Installing, vec![]), (PatchRunStatus::Verifying, vec![change])] {
            events.push(machine.event(manifest.run, patch_now(&planned.patch, status, changes)));
        }
    }
    events.push(machine.event(manifest.run, asset_now(AssetRunStatus::Verifying)));
    machine.report(events.clone()).await.unwrap();
    // An agent that did not get the answer reports the same again.
    machine.report(events).await.unwrap();
    manifest.run
}

async fn fleet_of_one(harness: &Harness) -> TestAgent {
    let feed = harness.feed("main").await;
    harness.import(feed, &[patch("curl", "2", Some("1")), patch("openssl", "2", None)]).await;
    let machine = harness.enrolled("web-1").await;
    machine.scan_fully(&before()).await.unwrap();
    machine
}

fn before() -> Inventory {
    bookworm("web-1", &[("curl", "1"), ("openssl", "2")])
}

fn after() -> Inventory {
    bookworm("web-1", &[("curl", "2"), ("openssl", "2")])
}

fn named(name: &str, inventory: Inventory) -> Inventory {
    Inventory { hostname: name.to_owned(), ..inventory }
}

const CURL: &str = "debian:bookworm:curl@2";

#[tokio::test(flavor = "multi_thread")]
async fn an_on_demand_job_reaches_a_held_check_in_and_is_verified() {
    let harness = Harness::start().await;
    let machine = Arc::new(fleet_of_one(&harness).await);
    let asset = machine.asset();
    let held = tokio::spawn({
        let machine = Arc::clone(&machine);
        async move { machine.check_in(0, 0, 300).await }
    });
    eventually("the check-in is held", async || harness.app().nudges.is_waiting(asset).then_some(())).await;
    let began = Instant::now();
    let job = enable(&harness, definition(JobKind::Install, &[CURL], &[asset])).await;
    let (work, ..) = held.await.unwrap().expect("answered");
    assert!(began.elapsed() < Duration::from_secs(5), "answered by a nudge, not by time: {:?}", began.elapsed());
    assert_ne!(work, 0);

    let run = run_of(&harness, job).await;
    assert_eq!(status(&harness, run, asset).await, (AssetRunStatus::Pending, vec![PatchRunStatus::Pending]));
    harness.advance(Duration::from_secs(60));
    assert_eq!(carry_out(&machine, "1").await, run);
    assert_eq!(status(&harness, run, asset).await, (AssetRunStatus::Verifying, vec![PatchRunStatus::Verifying]));

    harness.advance(Duration::from_secs(5));
    machine.scan_fully(&after()).await.unwrap();
    assert_eq!(status(&harness, run, asset).await, (AssetRunStatus::Succeeded, vec![PatchRunStatus::Installed]));
    harness.work(Reconciler::CloseRuns).await;
    let record = harness.app().store.run(run).await.unwrap().unwrap();
    assert!(record.ended_at.is_some());
    assert_eq!(harness.app().store.job(job).await.unwrap().unwrap().status, JobStatus::Completed);
    let (number, manifests) = machine.work().await.unwrap();
    assert!(number > work && manifests.is_empty(), "what is done is no longer work");
    harness.work(Reconciler::ScheduleJobs).await;
    assert_eq!(harness.app().store.runs_of(job).await.unwrap().len(), 1, "it runs once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_without_effect_fails_its_verification() {
    let harness = Harness::start().await;
    let machine = fleet_of_one(&harness).await;
    let job = enable(&harness, definition(JobKind::Install, &[CURL], &[machine.asset()])).await;
    let run = run_of(&harness, job).await;
    harness.advance(Duration::from_secs(60));
    carry_out(&machine, "1").await;
    harness.advance(Duration::from_secs(5));
    machine.scan_fully(&before()).await.expect("the digest is known, and it still proves something");
    assert_eq!(status(&harness, run, machine.asset()).await, (AssetRunStatus::Failed, vec![PatchRunStatus::Failed]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_installed_is_taken_back_to_what_was_there() {
    let harness = Harness::start().await;
    let machine = fleet_of_one(&harness).await;
    let asset = machine.asset();
    enable(&harness, definition(JobKind::Install, &[CURL], &[asset])).await;
    eventually("there is work", async || (machine.work().await.unwrap().1.len() == 1).then_some(())).await;
    harness.advance(Duration::from_secs(60));
    carry_out(&machine, "1~earlier").await;
    harness.advance(Duration::from_secs(5));
    machine.scan_fully(&after()).await.unwrap();
    harness.work(Reconciler::CloseRuns).await;

    let job = enable(&harness, definition(JobKind::Uninstall, &[CURL], &[asset])).await;
    let run = run_of(&harness, job).await;
    let (_, manifests) = machine.work().await.unwrap();
    assert_eq!(manifests[0].patches[0].packages[0].version, "1~earlier", "what was there goes before what the catalog says");
    harness.advance(Duration::from_secs(60));
    carry_out(&machine, "2").await;
    harness.advance(Duration::from_secs(5));
    machine.scan_fully(&before()).await.unwrap();
    assert_eq!(status(&harness, run, asset).await, (AssetRunStatus::Succeeded, vec![PatchRunStatus::Removed]));
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_that_take_no_part_are_named_with_the_reason() {
    let harness = Harness::start().await;
    let machine = fleet_of_one(&harness).await;
    let mut looker = harness.machine("only-looks");
    looker.assess_only = true;
    looker.enroll(&harness.key().await).await.unwrap();
    looker.scan_fully(&named("only-looks", before())).await.unwrap();
    let fresh = harness.enrolled("never-scanned").await;
    let current = harness.enrolled("up-to-date").await;
    current.scan_fully(&named("up-to-date", after())).await.unwrap();
    let assets = [machine.asset(), looker.asset(), fresh.asset(), current.asset()];
    let job = enable(&harness, definition(JobKind::Install, &[CURL], &assets)).await;
    let run = run_of(&harness, job).await;
    let reasons: Vec<(String, Option<String>)> =
        parts(&harness, run).await.into_iter().map(|part| (part.name, part.state.left_out.map(|why| why.to_string()))).collect();
    let reason = |name: &str, why: Option<&str>| (name.to_owned(), why.map(str::to_owned));
    assert_eq!(
        reasons,
        [
            reason("never-scanned", Some("never scanned")),
            reason("only-looks", Some("assess only")),
            reason("up-to-date", Some("no patch missing")),
            reason("web-1", None),
        ]
    );
    assert_eq!(looker.work().await.unwrap().1, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_at_a_time_waits_for_it_and_a_cancelled_one_is_withdrawn() {
    let harness = Harness::start().await;
    let machine = fleet_of_one(&harness).await;
    let at = harness.now() + jiff::SignedDuration::from_hours(1);
    let mut once = definition(JobKind::Install, &[CURL], &[machine.asset()]);
    once.schedule = Some(Schedule::Once { at });
    let job = enable(&harness, once).await;
    harness.work(Reconciler::ScheduleJobs).await;
    assert_eq!(harness.app().store.runs_of(job).await.unwrap(), []);
    harness.advance(Duration::from_secs(3600));
    harness.work(Reconciler::ScheduleJobs).await;
    let run = run_of(&harness, job).await;
    let (number, manifests) = machine.work().await.unwrap();
    assert_eq!((manifests.len(), manifests[0].run), (1, run));

    let outcome = harness.app().store.cancel_run(run, harness.now(), &harness.audit("run.cancel")).await.unwrap();
    assert_eq!(outcome.assets, [machine.asset()]);
    let (next, manifests) = machine.work().await.unwrap();
    assert!(next > number && manifests.is_empty());
    assert_eq!(status(&harness, run, machine.asset()).await.0, AssetRunStatus::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_reports_change_nothing() {
    let harness = Harness::start().await;
    let machine = fleet_of_one(&harness).await;
    let other = harness.enrolled("web-2").await;
    let job = enable(&harness, definition(JobKind::Install, &[CURL], &[machine.asset()])).await;
    let run = run_of(&harness, job).await;
    let curl = PatchId(CURL.to_owned());
    let lies = vec![
        machine.event(run, asset_now(AssetRunStatus::Succeeded)),
        machine.event(run, patch_now(&curl, PatchRunStatus::Installed, vec![])),
        machine.event(run, patch_now(&PatchId("debian:bookworm:nothing@1".to_owned()), PatchRunStatus::Installing, vec![])),
        machine.event(RunId(uuid::Uuid::from_u128(1)), asset_now(AssetRunStatus::Running)),
    ];
    machine.report(lies).await.expect("received, logged, and without effect");
    other.report(vec![other.event(run, asset_now(AssetRunStatus::Running))]).await.expect("not its run");
    assert_eq!(status(&harness, run, machine.asset()).await, (AssetRunStatus::Pending, vec![PatchRunStatus::Pending]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_owner_may_not_run_it_says_so() {
    let harness = Harness::start().await;
    let machine = fleet_of_one(&harness).await;
    let job = enable(&harness, definition(JobKind::Install, &[CURL], &[machine.asset()])).await;
    let owner = harness.app().store.users().await.unwrap().remove(0);
    harness.user("root", Role::SuperUser, Scope::Everything).await;
    run_of(&harness, job).await;
    let mut demoted = owner.clone();
    demoted.role = Role::PatchReader;
    harness.app().store.update_user(&demoted, &harness.audit("user.change")).await.unwrap();
    let job = {
        use fettle_model::clock::Entropy;
        let id = JobId::make(harness.now(), harness.entropy.ten());
        let job = Job::new(id, definition(JobKind::Install, &[CURL], &[machine.asset()]), Some(owner.id), harness.now()).unwrap();
        let enabled = job.enable(harness.now()).unwrap();
        harness.app().store.create_job(&enabled, &harness.audit("job.create")).await.unwrap();
        id
    };
    fettle_server::work::run_once(harness.app(), Reconciler::ScheduleJobs).await;
    let last = harness.app().signals.last_runs().remove(&Reconciler::ScheduleJobs).unwrap();
    assert!(last.error.as_deref().is_some_and(|why| why.contains("may not run jobs")), "{last:?}");
    assert_eq!(harness.app().store.runs_of(job).await.unwrap(), []);
}
