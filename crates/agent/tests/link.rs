//! The agent against a server: enrolment, scans, work, reports, renewal, and everything a server can refuse.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

use fettle_agent::agent::Agent;
use fettle_agent::enroll::{EnrollError, enroll};
use fettle_agent::link::LinkError;
use fettle_agent::platform::debian::Debian;
use fettle_agent::settings::{Pace, Settings};
use fettle_agent::state::State;
use fettle_deploy::job::JobKind;
use fettle_deploy::reason::FailureReason;
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus, Report};
use fettle_model::clock::{Clock, ManualClock};
use fettle_protocol::message::{CheckIn, Enroll, ScanReport};
use fettle_protocol::path;
use fettle_protocol::signed::SignedManifest;
use jiff::SignedDuration;
use rstest::rstest;
use std::sync::Arc;
use std::time::Duration;
use support::machine::TestMachine;
use support::repository::Build;
use support::server::{Authority, TestServer};
use support::{Counted, manifest, now, until};
use tokio_util::sync::CancellationToken;

fn settings(server: &TestServer) -> Settings {
    let pace = Pace { wait_seconds: 2, retry: (Duration::from_millis(50), Duration::from_millis(200)), ..Pace::default() };
    Settings { server: server.url(), proxy: None, assess_only: false, pace }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(support::clock())
}

/// An agent that runs as a task of the test, and stops with it.
struct Running {
    state: Arc<State>,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    fn start(settings: Settings, state: Arc<State>, platform: Debian) -> Self {
        let agent = Agent::new(settings, Arc::clone(&state), Arc::new(platform), clock(), Arc::new(Counted::default())).expect("an agent");
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        let task = tokio::spawn(async move { agent.run(stop).await.expect("it runs until stopped") });
        Self { state, cancel, task }
    }

    async fn stop(self) {
        self.cancel.cancel();
        self.task.await.expect("it stops cleanly");
    }
}

async fn enrolled(server: &TestServer, machine: &TestMachine) -> Arc<State> {
    let state = Arc::new(State::in_memory().expect("a state"));
    let asset = enroll(&settings(server), &server.key, &state, &machine.platform(), &clock()).await.expect("enrolled");
    assert_eq!(asset, server.asset);
    state
}

fn machine() -> TestMachine {
    let machine = TestMachine::new();
    machine.install(&Build::new("tool", "1.0"));
    machine.repository.add(&Build::new("tool", "2.0"));
    machine.repository.publish();
    machine
}

async fn asset_status(server: &TestServer, run: fettle_model::ids::RunId, wanted: AssetRunStatus) -> Vec<Report> {
    until(wanted.as_str(), || {
        let reports = server.reports(run);
        let there = reports.iter().any(|report| matches!(report, Report::Asset { status, .. } if *status == wanted));
        there.then_some(reports)
    })
    .await
}

#[tokio::test]
async fn enrolment_names_the_machine_without_telling_its_id() {
    let (server, machine) = (TestServer::start().await, TestMachine::new());
    enrolled(&server, &machine).await;
    let heard = server.heard();
    let Enroll::V1 { machine_id, hostname, key, .. } = &heard.enrolments[0];
    assert_eq!(machine_id.len(), 64);
    assert!(!machine_id.contains("0123456789abcdef0123456789abcdef"));
    assert_eq!((hostname.as_str(), key), ("testbox", &server.key.to_string()));
}

#[rstest]
#[case(403, "key-unknown", "copy it again")]
#[case(403, "key-used-up", "make a new one")]
#[case(403, "key-expired", "make a new one")]
#[case(403, "key-disabled", "enable it")]
#[case(403, "clock-skew", "clock")]
#[case(400, "capability-too-new", "update the server")]
#[tokio::test]
async fn a_refused_enrolment_says_what_to_do_and_keeps_nothing(#[case] status: u16, #[case] code: &'static str, #[case] advice: &str) {
    let (server, machine) = (TestServer::start().await, TestMachine::new());
    server.refuse(path::ENROLL, status, code, "", 1);
    let state = State::in_memory().expect("a state");
    let error = enroll(&settings(&server), &server.key, &state, &machine.platform(), &clock()).await.expect_err("refused");
    assert!(error.to_string().contains(code) && error.to_string().contains(advice), "{error}");
    assert!(state.identity().is_none());
}

#[tokio::test]
async fn a_server_with_another_authority_never_sees_the_key() {
    let (server, machine) = (TestServer::start().await, TestMachine::new());
    let other = TestServer::start().await;
    let state = State::in_memory().expect("a state");
    let error = enroll(&settings(&server), &other.key, &state, &machine.platform(), &clock()).await.expect_err("not trusted");
    assert!(matches!(error, EnrollError::Link(LinkError::Untrusted { .. })), "{error:?}");
    assert!(server.heard().enrolments.is_empty());
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_accepted() {
    let (server, machine) = (TestServer::start().await, TestMachine::new());
    let mut settings = settings(&server);
    settings.server.set_host(Some("127.0.0.1")).expect("a host");
    let state = State::in_memory().expect("a state");
    let error = enroll(&settings, &server.key, &state, &machine.platform(), &clock()).await.expect_err("not trusted");
    assert!(matches!(error, EnrollError::Link(LinkError::Untrusted { .. })), "{error:?}");
}

#[tokio::test]
async fn a_clock_before_the_servers_certificate_is_named_as_the_cause() {
    let machine = TestMachine::new();
    let server = TestServer::with(Authority::with_validity((2025, 2090)), 0).await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new("2020-01-01T00:00:00Z".parse().expect("a time")));
    let state = State::in_memory().expect("a state");
    let error = enroll(&settings(&server), &server.key, &state, &machine.platform(), &clock).await.expect_err("not valid yet");
    assert!(error.to_string().contains("set this machine's clock"), "{error}");
}

#[tokio::test]
async fn nobody_there_says_where_it_looked() {
    let machine = TestMachine::new();
    let server = TestServer::start().await;
    let (settings, key, url) = (settings(&server), server.key.clone(), server.url());
    drop(server);
    let state = State::in_memory().expect("a state");
    let error = enroll(&settings, &key, &state, &machine.platform(), &clock()).await.expect_err("nobody there");
    assert!(error.to_string().contains(url.as_str()) && error.to_string().contains("firewall"), "{error}");
}

#[tokio::test]
async fn an_unchanged_machine_uploads_once() {
    let (server, machine) = (TestServer::start().await, machine());
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    until("the first upload", || (!server.heard().uploads.is_empty()).then_some(())).await;
    server.ask_for_scan();
    until("a second scan", || (server.heard().scans.len() >= 2).then_some(())).await;
    until("the scan is acted on", || {
        let heard = server.heard();
        heard.check_ins.iter().any(|CheckIn::V1 { scan_seen, .. }| *scan_seen == 1).then_some(())
    })
    .await;
    assert_eq!(server.heard().uploads.len(), 1);
    machine.install(&Build::new("more", "1"));
    server.ask_for_scan();
    until("a second upload", || (server.heard().uploads.len() == 2).then_some(())).await;
    let inventory = server.heard().uploads[1].clone();
    let names: Vec<&str> = inventory.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!((names, inventory.os.codename.as_str()), (vec!["more", "tool"], "bookworm"));
    running.stop().await;
}

#[tokio::test]
async fn a_machine_that_cannot_be_scanned_says_so() {
    let (server, machine) = (TestServer::start().await, machine());
    let state = enrolled(&server, &machine).await;
    std::fs::remove_file(machine.root().join("etc/os-release")).expect("removed");
    let running = Running::start(settings(&server), state, machine.platform());
    let reason = until("a failed scan", || match server.heard().scans.first() {
        Some(ScanReport::FailedV1 { reason, .. }) => Some(reason.clone()),
        _ => None,
    })
    .await;
    assert!(reason.contains("os-release"), "{reason}");
    running.stop().await;
}

#[tokio::test]
async fn a_body_the_server_will_never_take_is_told_and_given_up() {
    let (server, machine) = (TestServer::start().await, machine());
    server.refuse(path::INVENTORY, 400, "body-damaged", "a package's name is too long", 1);
    server.refuse(path::REPORTS, 413, "body-too-large", "", 2);
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    let reason = until("a failed scan", || match server.heard().scans.last() {
        Some(ScanReport::FailedV1 { reason, .. }) => Some(reason.clone()),
        _ => None,
    })
    .await;
    assert!(reason.contains("a package's name is too long"), "{reason}");
    let manifest = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0")]);
    server.give(&manifest);
    asset_status(&server, manifest.run, AssetRunStatus::Verifying).await;
    running.stop().await;
}

#[tokio::test]
async fn a_job_runs_from_nudge_to_scan() {
    let (server, machine) = (TestServer::start().await, machine());
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    until("the first upload", || (!server.heard().uploads.is_empty()).then_some(())).await;
    let manifest = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0")]);
    server.give(&manifest);
    let reports = asset_status(&server, manifest.run, AssetRunStatus::Verifying).await;
    let statuses: Vec<&str> = reports
        .iter()
        .map(|report| match report {
            Report::Asset { status, .. } => status.as_str(),
            Report::Patch { status, .. } => status.as_str(),
        })
        .collect();
    assert_eq!(
        statuses,
        ["received", "downloading", "downloading", "downloaded", "running", "installing", "verifying", "verifying"],
        "asset and patch move in step"
    );
    until("the scan after it", || (server.heard().uploads.len() == 2).then_some(())).await;
    let inventory = server.heard().uploads[1].clone();
    assert_eq!(inventory.packages[0].version, "2.0");
    server.withdraw();
    until("the journal forgets it", || running.state.journal().executions().expect("read").is_empty().then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn manifests_that_are_not_to_be_trusted_change_nothing() {
    let (server, machine) = (TestServer::start().await, machine());
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    let foreign = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let forged = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0")]);
    server.give_signed(SignedManifest::sign(&forged, &foreign).expect("signed"));
    let other = fettle_model::ids::AssetId(uuid::Uuid::from_u128(8));
    let misdirected = manifest(other, 2, JobKind::Install, &[("tool", "2.0")]);
    server.give(&misdirected);
    let mut expired = manifest(server.asset, 3, JobKind::Install, &[("tool", "2.0")]);
    expired.expires_at = now() - SignedDuration::from_secs(1);
    server.give(&expired);
    let reports = asset_status(&server, expired.run, AssetRunStatus::Failed).await;
    let Some(Report::Asset { failure: Some(failure), .. }) = reports.last() else { panic!("{reports:?}") };
    assert!(failure.reason == FailureReason::AgentError && failure.log.contains("expired"), "{failure:?}");
    let older = manifest(server.asset, 2, JobKind::Install, &[("tool", "2.0")]);
    server.give(&older);
    let reports = asset_status(&server, older.run, AssetRunStatus::Failed).await;
    assert!(matches!(reports.last(), Some(Report::Asset { failure: Some(failure), .. }) if failure.log.contains("generation")));
    assert_eq!(server.reports(forged.run), []);
    assert_eq!(machine.version("tool"), "1.0");
    running.stop().await;
}

#[tokio::test]
async fn an_agent_that_only_assesses_refuses_all_work() {
    let (server, machine) = (TestServer::start().await, machine());
    let settings = Settings { assess_only: true, ..settings(&server) };
    let running = Running::start(settings, enrolled(&server, &machine).await, machine.platform());
    let manifest = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0")]);
    server.give(&manifest);
    let reports = asset_status(&server, manifest.run, AssetRunStatus::Failed).await;
    assert!(matches!(&reports[0], Report::Asset { failure: Some(failure), .. } if failure.log.contains("only assesses")), "{reports:?}");
    assert_eq!(machine.version("tool"), "1.0");
    running.stop().await;
}

#[tokio::test]
async fn withdrawn_work_that_has_not_begun_is_dropped() {
    let (server, machine) = (TestServer::start().await, machine());
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    let mut later = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0")]);
    later.not_before = now() + SignedDuration::from_mins(30);
    server.give(&later);
    asset_status(&server, later.run, AssetRunStatus::Received).await;
    server.withdraw();
    until("it is dropped", || running.state.journal().executions().expect("read").is_empty().then_some(())).await;
    assert_eq!(machine.version("tool"), "1.0");
    running.stop().await;
}

#[tokio::test]
async fn a_window_that_has_closed_is_a_time_out() {
    let (server, machine) = (TestServer::start().await, machine());
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    let mut late = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0")]);
    late.begin_before = Some(now() - SignedDuration::from_secs(1));
    server.give(&late);
    asset_status(&server, late.run, AssetRunStatus::TimedOut).await;
    assert_eq!(machine.version("tool"), "1.0");
    running.stop().await;
}

#[tokio::test]
async fn reports_survive_a_server_that_fails_and_keep_their_ids() {
    let (server, machine) = (TestServer::start().await, machine());
    server.refuse(path::REPORTS, 503, "unavailable", "", 3);
    server.refuse(path::INVENTORY, 503, "unavailable", "", 2);
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    let manifest = manifest(server.asset, 1, JobKind::Install, &[("tool", "2.0")]);
    server.give(&manifest);
    let reports = asset_status(&server, manifest.run, AssetRunStatus::Verifying).await;
    let verified = reports.iter().filter(|report| matches!(report, Report::Patch { status: PatchRunStatus::Verifying, .. })).count();
    assert_eq!(verified, 1);
    until("the scan after it", || {
        let heard = server.heard();
        heard.uploads.iter().any(|inventory| inventory.packages[0].version == "2.0").then_some(())
    })
    .await;
    running.stop().await;
}

#[tokio::test]
async fn the_certificate_is_renewed_when_the_server_asks() {
    let (server, machine) = (TestServer::start().await, machine());
    server.heard().renew_certificate = true;
    let state = enrolled(&server, &machine).await;
    let first = state.identity().expect("an identity");
    let running = Running::start(settings(&server), Arc::clone(&state), machine.platform());
    until("a renewal", || (server.heard().renewals == 1).then_some(())).await;
    until("the new certificate is used", || (server.heard().certificates.len() == 2).then_some(())).await;
    let second = state.identity().expect("an identity");
    assert_ne!((&first.key, &first.certificate), (&second.key, &second.certificate));
    running.stop().await;
}

#[tokio::test]
async fn a_revoked_agent_keeps_asking_slowly_and_recovers() {
    let (server, machine) = (TestServer::start().await, machine());
    for path in [path::CHECK_IN, path::SCAN] {
        server.refuse(path, 403, "certificate-revoked", "", 2);
    }
    let running = Running::start(settings(&server), enrolled(&server, &machine).await, machine.platform());
    until("the first upload", || (!server.heard().uploads.is_empty()).then_some(())).await;
    until("a check-in", || (!server.heard().check_ins.is_empty()).then_some(())).await;
    running.stop().await;
}
