//! Scenarios of one manifest, and laws over random ones.

use super::*;
use crate::manifest::PlannedPatch;
use crate::plan::{PatchPlan, PlannedAsset};
use crate::run::{AssetRun, FindingState};
use fettle_model::ids::{AssetId, JobId};
use fettle_model::patch::Reboot;
use proptest::prelude::*;
use uuid::Uuid;

const PATIENCE: Patience = Patience { busy_seconds: 60, look_again_seconds: 5 };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + seconds).expect("in range")
}

fn wanted(name: &str, version: &str) -> BinaryVersion {
    BinaryVersion { name: name.to_owned(), architecture: "amd64".to_owned(), version: version.to_owned() }
}

fn there(name: &str, version: &str) -> Present {
    let (name, version) = (name.to_owned(), version.to_owned());
    Present { name, architecture: "amd64".to_owned(), version, held: false, configured: true }
}

fn manifest(kind: JobKind, patches: &[(&str, &str)]) -> Manifest {
    let planned = |(name, version): &(&str, &str)| PlannedPatch {
        patch: PatchId((*name).to_owned()),
        title: (*name).to_owned(),
        packages: vec![wanted(name, version)],
        reboot: Reboot::Never,
    };
    Manifest {
        asset: AssetId(Uuid::from_u128(1)),
        job: JobId(Uuid::from_u128(2)),
        job_name: "job".to_owned(),
        run: RunId(Uuid::from_u128(3)),
        generation: 1,
        kind,
        not_before: at(0),
        begin_before: None,
        expires_at: at(10_000),
        patches: patches.iter().map(planned).collect(),
        continue_on_failure: true,
    }
}

/// An execution with everything it has reported, in words.
struct Script {
    execution: Execution,
    reports: Vec<Report>,
    clock: i64,
}

impl Script {
    fn of(manifest: &Manifest) -> Self {
        let Moved { execution, reports } = Execution::take(manifest, PATIENCE);
        Self { execution, reports, clock: 0 }
    }

    fn step(&self) -> Step {
        self.execution.step(at(self.clock))
    }

    /// Applies an outcome, and goes through the journal's encoding in between.
    fn then(&mut self, outcome: Outcome) -> &mut Self {
        let Moved { execution, reports } = self.execution.clone().apply(outcome, at(self.clock)).expect("the outcome fits");
        let text = serde_json::to_string(&execution).expect("encodes");
        self.execution = serde_json::from_str(&text).expect("decodes");
        assert_eq!(self.execution, execution);
        self.reports.extend(reports);
        self
    }

    fn sees(&mut self, packages: &[Present]) -> &mut Self {
        self.then(Outcome::Looked(Ok(Sight { packages: packages.to_vec(), ..Sight::default() })))
    }

    /// From the start to the first installation, with everything fetched.
    fn fetches(&mut self, packages: &[Present]) -> &mut Self {
        self.then(Outcome::Started).sees(packages).then(Outcome::Refreshed(Ok(())));
        while let Step::Weigh(_) = self.step() {
            self.then(Outcome::Weighed(Ok(Vec::new()))).then(Outcome::Fetched(Ok(())));
        }
        self.sees(packages)
    }

    fn changes(&mut self, ending: Ending, packages: &[Present]) -> &mut Self {
        self.then(Outcome::Changed(Changed { ending, changes: Vec::new(), packages: packages.to_vec() }))
    }

    /// What was reported, one word each: `asset:running`, `a:failed(hash_mismatch)`.
    fn words(&self) -> Vec<String> {
        let reason = |failure: &Option<Failure>| failure.as_ref().map_or_else(String::new, |failure| format!("({})", failure.reason));
        let word = |report: &Report| match report {
            Report::Asset { status, failure } => format!("asset:{status}{}", reason(failure)),
            Report::Patch { patch, status, failure, .. } => format!("{patch}:{status}{}", reason(failure)),
        };
        self.reports.iter().map(word).collect()
    }
}

#[test]
fn the_straight_way() {
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2"), ("b", "2")]));
    assert!(!script.execution.has_begun());
    script.fetches(&[there("a", "1"), there("b", "1")]);
    let Step::Change(order) = script.step() else { panic!("{:?}", script.step()) };
    assert_eq!((order.index, order.attempt, order.packages.as_slice()), (0, 1, [wanted("a", "2")].as_slice()));
    let half = [there("a", "2"), there("b", "1")];
    script.changes(Ending::Done, &half).sees(&half).changes(Ending::Done, &[there("a", "2"), there("b", "2")]);
    assert_eq!(script.step(), Step::Rescan);
    script.then(Outcome::Scanned);
    assert!(script.execution.is_finished());
    let expected = [
        "asset:received",
        "asset:downloading",
        "a:downloading",
        "b:downloading",
        "asset:downloaded",
        "asset:running",
        "a:installing",
        "a:verifying",
        "b:installing",
        "b:verifying",
        "asset:verifying",
    ];
    assert_eq!(script.words(), expected);
}

#[test]
fn nothing_before_its_time_and_nothing_after() {
    let mut early = manifest(JobKind::Install, &[("a", "2")]);
    early.not_before = at(100);
    let script = Script::of(&early);
    assert_eq!(script.step(), Step::Sleep(at(100)));
    let mut late = manifest(JobKind::Install, &[("a", "2")]);
    late.begin_before = Some(at(0));
    let mut script = Script::of(&late);
    script.then(Outcome::Started);
    assert_eq!(script.words(), ["asset:received", "asset:timed_out"]);
    let mut expired = manifest(JobKind::Install, &[("a", "2")]);
    expired.expires_at = at(0);
    let mut script = Script::of(&expired);
    script.then(Outcome::Started);
    assert_eq!(script.words(), ["asset:received", "asset:failed(agent_error)"]);
    assert_eq!(script.step(), Step::Finished);
}

#[test]
fn only_what_is_below_goes_up_and_only_what_is_above_comes_down() {
    let machine = [there("below", "1"), there("same", "2"), there("above", "3")];
    let patches = [("below", "2"), ("same", "2"), ("above", "2"), ("absent", "2")];
    let mut install = Script::of(&manifest(JobKind::Install, &patches));
    install.then(Outcome::Started).sees(&machine);
    assert_eq!(install.words()[1..], ["same:not_applicable", "above:not_applicable", "absent:not_applicable", "asset:downloading"]);
    let mut uninstall = Script::of(&manifest(JobKind::Uninstall, &patches));
    uninstall.then(Outcome::Started).sees(&machine);
    assert_eq!(uninstall.words()[1..], ["below:not_applicable", "same:not_applicable", "absent:not_applicable", "asset:downloading"]);
}

#[test]
fn a_held_package_fails_its_patch_alone() {
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2"), ("b", "2")]));
    script.then(Outcome::Started).sees(&[Present { held: true, ..there("a", "1") }, there("b", "1")]);
    assert_eq!(script.words()[1..], ["a:failed(packages_held)", "asset:downloading"]);
}

#[test]
fn a_lock_is_waited_for_and_then_blamed() {
    let busy = Sight { busy: Some("process 1 (apt)".to_owned()), ..Sight::default() };
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.then(Outcome::Started).then(Outcome::Looked(Ok(busy.clone())));
    assert_eq!(script.step(), Step::Sleep(at(5)));
    script.clock = 5;
    assert_eq!(script.step(), Step::Look);
    script.clock = 60;
    script.then(Outcome::Looked(Ok(busy)));
    assert_eq!(script.words()[1..], ["a:failed(installer_busy)", "asset:failed(installer_busy)"]);
}

#[test]
fn an_interrupted_package_manager_is_repaired_once() {
    let interrupted = || Outcome::Looked(Ok(Sight { interrupted: true, packages: vec![there("a", "1")], ..Sight::default() }));
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.then(Outcome::Started).then(interrupted());
    assert_eq!(script.step(), Step::Repair);
    script.then(Outcome::Repaired(Ok(()))).sees(&[there("a", "1")]);
    assert_eq!(script.step(), Step::Refresh);
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.then(Outcome::Started).then(interrupted()).then(Outcome::Repaired(Ok(()))).then(interrupted());
    assert_eq!(script.words()[1..], ["a:failed(package_manager_broken)", "asset:failed(package_manager_broken)"]);
}

#[test]
fn a_list_that_is_not_to_be_trusted_ends_everything_an_unreachable_one_does_not() {
    let failure = |reason| Outcome::Refreshed(Err(Failure::new(reason, Some(100), "")));
    let machine = [there("a", "1")];
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.then(Outcome::Started).sees(&machine).then(failure(FailureReason::SignatureInvalid));
    assert_eq!(script.step(), Step::Rescan);
    assert_eq!(script.words()[2..], ["a:failed(signature_invalid)", "asset:failed(signature_invalid)"]);
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.then(Outcome::Started).sees(&machine).then(failure(FailureReason::DownloadFailed));
    assert!(matches!(script.step(), Step::Weigh(_)));
}

#[test]
fn space_is_needed_with_a_reserve() {
    let room = |free_bytes| Outcome::Weighed(Ok(vec![Room { place: "/".to_owned(), needed_bytes: 1000, free_bytes }]));
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.then(Outcome::Started).sees(&[there("a", "1")]).then(Outcome::Refreshed(Ok(())));
    let weighing = script.execution.clone();
    script.then(room(RESERVE_BYTES + 999));
    assert_eq!(script.words()[2..], ["a:failed(not_enough_disk)", "asset:failed(not_enough_disk)"]);
    script.execution = weighing;
    script.then(room(RESERVE_BYTES + 1000));
    assert!(matches!(script.step(), Step::Fetch(_)));
}

#[test]
fn after_a_failure_the_job_says_whether_to_go_on() {
    let failed = || Ending::Failed(Failure::new(FailureReason::InstallerFailed, Some(100), "log"));
    let machine = [there("a", "1"), there("b", "1")];
    let mut plan = manifest(JobKind::Install, &[("a", "2"), ("b", "2")]);
    let mut script = Script::of(&plan);
    script.fetches(&machine).changes(failed(), &machine).sees(&machine);
    assert!(matches!(script.step(), Step::Change(Order { index: 1, .. })));
    plan.continue_on_failure = false;
    let mut script = Script::of(&plan);
    script.fetches(&machine).changes(failed(), &machine);
    assert_eq!(script.words()[7..], ["a:failed(installer_failed)", "b:skipped", "asset:failed(installer_failed)"]);
}

#[test]
fn the_packages_decide_not_the_installers_word() {
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    let failed = Ending::Failed(Failure::new(FailureReason::InstallerFailed, Some(100), "another package"));
    script.fetches(&[there("a", "1")]).changes(failed, &[there("a", "2")]);
    assert_eq!(script.words().last().map(String::as_str), Some("asset:verifying"));
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.fetches(&[there("a", "1")]).changes(Ending::Done, &[there("a", "1")]);
    assert_eq!(script.words().last().map(String::as_str), Some("asset:failed(verification_failed)"));
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    let unconfigured = Present { configured: false, ..there("a", "2") };
    script.fetches(&[there("a", "1")]).changes(Ending::Done, &[unconfigured]);
    assert_eq!(script.words().last().map(String::as_str), Some("asset:failed(verification_failed)"));
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.fetches(&[there("a", "1")]).changes(Ending::Done, &[]);
    assert_eq!(script.words().last().map(String::as_str), Some("asset:failed(verification_failed)"), "gone is not installed");
}

#[test]
fn an_installer_that_is_cut_off_is_begun_again_but_not_forever() {
    let machine = [there("a", "1")];
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.fetches(&machine);
    for attempt in 1..=MAX_ATTEMPTS {
        let Step::Change(order) = script.step() else { panic!("{:?}", script.step()) };
        assert_eq!(order.attempt, attempt);
        script.changes(Ending::Lost { log: String::new() }, &machine).sees(&machine);
    }
    let expected = ["a:installing", "a:failed(installer_failed)", "asset:failed(installer_failed)"];
    assert_eq!(script.words()[5..], expected, "it is reported once");
}

#[test]
fn an_installer_that_was_cut_off_at_the_very_end_is_not_begun_again() {
    let change = |from: &str, to: &str| PackageChange {
        name: "a".to_owned(),
        architecture: "amd64".to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let mut script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    script.fetches(&[there("a", "1")]);
    let unpacked = Present { configured: false, ..there("a", "2") };
    let lost = Changed { ending: Ending::Lost { log: String::new() }, changes: vec![change("1", "2")], packages: vec![unpacked] };
    script.then(Outcome::Changed(lost)).sees(&[there("a", "2")]);
    assert_eq!(script.step(), Step::Rescan);
    let last = script.reports.iter().rev().find_map(|report| match report {
        Report::Patch { status, changes, .. } => Some((*status, changes.clone())),
        Report::Asset { .. } => None,
    });
    assert_eq!(last, Some((PatchRunStatus::Verifying, vec![change("1", "2")])));
}

#[test]
fn what_does_not_answer_the_step_is_refused() {
    let script = Script::of(&manifest(JobKind::Install, &[("a", "2")]));
    let error = script.execution.apply(Outcome::Scanned, at(0)).expect_err("misplaced");
    assert_eq!(error.to_string(), "a scan does not belong to an execution that is waiting for its time");
}

/// A machine that answers every step by chance.
fn answer(step: &Step, dice: u8, packages: &[Present]) -> Outcome {
    let failure = || Failure::new(FailureReason::DownloadFailed, Some(100), "");
    let fails = dice.is_multiple_of(4);
    let result = || if fails { Err(failure()) } else { Ok(()) };
    match step {
        Step::Look => {
            let busy = dice.is_multiple_of(5).then(|| "process 1 (apt)".to_owned());
            let broken = if dice.is_multiple_of(7) { vec!["a".to_owned()] } else { Vec::new() };
            Outcome::Looked(Ok(Sight { busy, interrupted: dice.is_multiple_of(11), broken, packages: packages.to_vec() }))
        }
        Step::Repair => Outcome::Repaired(result()),
        Step::Refresh => Outcome::Refreshed(result()),
        Step::Weigh(_) => Outcome::Weighed(result().map(|()| Vec::new())),
        Step::Fetch(_) => Outcome::Fetched(result()),
        Step::Change(_) => {
            let ending = match dice % 3 {
                0 => Ending::Done,
                1 => Ending::Failed(failure()),
                _ => Ending::Lost { log: String::new() },
            };
            Outcome::Changed(Changed { ending, changes: Vec::new(), packages: packages.to_vec() })
        }
        Step::Rescan => Outcome::Scanned,
        Step::Start | Step::Sleep(_) | Step::Finished => Outcome::Started,
    }
}

proptest! {
    /// Whatever the machine does, an execution ends, its reports are all acceptable to the server's side, and
    /// after the scan the server's side has ended, too.
    #[test]
    fn every_execution_ends_and_the_server_understands_it(
        dice in proptest::collection::vec(any::<u8>(), 200),
        versions in proptest::collection::vec(0..4u8, 4),
        install in any::<bool>(),
        continue_on_failure in any::<bool>(),
    ) {
        let kind = if install { JobKind::Install } else { JobKind::Uninstall };
        let mut plan = manifest(kind, &[("a", "2"), ("b", "2"), ("c", "2"), ("d", "2")]);
        plan.continue_on_failure = continue_on_failure;
        let row = PlannedAsset {
            asset: plan.asset,
            name: "asset".to_owned(),
            patches: plan.patches.iter().map(|planned| PatchPlan {
                patch: planned.patch.clone(),
                title: planned.title.clone(),
                status: PatchRunStatus::Pending,
                note: None,
                packages: planned.packages.clone(),
                held: Vec::new(),
                reboot: Reboot::Never,
            }).collect(),
        };
        let mut server = AssetRun::planned(kind, &row);
        let mut packages: Vec<Present> =
            ["a", "b", "c", "d"].iter().zip(&versions).filter(|(_, version)| **version > 0).map(|(name, version)| there(name, &version.to_string())).collect();
        let Moved { mut execution, reports } = Execution::take(&plan, PATIENCE);
        let mut clock = 0;
        let mut told = reports;
        for dice in dice {
            for report in told.drain(..) {
                prop_assert!(server.apply(at(clock), &report).is_ok(), "{report:?} after {server:?}");
            }
            let step = execution.step(at(clock));
            match &step {
                Step::Finished => break,
                Step::Sleep(until) => {
                    clock = until.as_second() - at(0).as_second();
                    continue;
                }
                Step::Change(order) if dice % 3 != 1 => {
                    for package in packages.iter_mut().filter(|there| order.packages.iter().any(|wanted| wanted.name == there.name)) {
                        package.version = "2".to_owned();
                    }
                }
                _ => {}
            }
            let moved = execution.apply(answer(&step, dice, &packages), at(clock)).expect("the outcome fits");
            execution = moved.execution;
            told = moved.reports;
            clock += 1;
        }
        prop_assert!(execution.is_finished(), "{execution:?}");
        let _ = server.verify(at(clock), &|_| FindingState::Installed);
        prop_assert!(server.status.is_ended(), "{server:?}");
    }
}
