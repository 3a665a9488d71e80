//! The agent's machine and the server's together: whatever happens on the asset, no report of the agent is
//! impossible for the server, and both come to an end.

#![expect(clippy::expect_used, reason = "helpers of tests stop where the test cannot go on")]

use fettle_deploy::agent::{Changed, Ending, Execution, Outcome, Patience, Present, Room, Sight, Step};
use fettle_deploy::job::JobKind;
use fettle_deploy::manifest::{Manifest, PlannedPatch};
use fettle_deploy::plan::{PatchPlan, PlannedAsset};
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::{AssetRun, AssetRunStatus, FindingState, PatchRunStatus, Report};
use fettle_model::ids::{AssetId, JobId, PatchId, RunId};
use fettle_model::patch::Reboot;
use fettle_model::rule::BinaryVersion;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

const PATCHES: usize = 3;
const ASSET: AssetId = AssetId(Uuid::from_u128(1));

/// What chance decides in one course of events.
#[derive(Debug, Clone)]
struct Course {
    continue_on_failure: bool,
    /// The window, in seconds from the start.
    window: Option<i64>,
    /// Which packages are at their old version, at their new one, held, absent.
    packages: Vec<u8>,
    /// One byte for each step: how it goes.
    luck: Vec<u8>,
    /// The step before which the server cancels (times out, gives up), if it does.
    ends: Option<(usize, u8)>,
    /// Steps whose reports arrive twice.
    repeats: Vec<bool>,
}

fn courses() -> impl Strategy<Value = Course> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..40);
    (
        any::<bool>(),
        proptest::option::of(0_i64..1_000),
        proptest::collection::vec(0_u8..4, PATCHES),
        bytes(),
        proptest::option::of((0_usize..15, 0_u8..3)),
        proptest::collection::vec(any::<bool>(), 40),
    )
        .prop_map(|(continue_on_failure, window, packages, luck, ends, repeats)| Course {
            continue_on_failure,
            window,
            packages,
            luck,
            ends,
            repeats,
        })
}

fn start() -> Timestamp {
    Timestamp::from_second(1_000_000).expect("in range")
}

fn later(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

fn package(n: usize) -> BinaryVersion {
    BinaryVersion { name: format!("p{n}"), architecture: "amd64".to_owned(), version: "2".to_owned() }
}

fn planned() -> AssetRun {
    let patch = |n: usize| PatchPlan {
        patch: PatchId(format!("P{n}")),
        title: format!("P{n}"),
        status: PatchRunStatus::Pending,
        note: None,
        packages: vec![package(n)],
        held: Vec::new(),
        reboot: Reboot::Never,
    };
    let asset = PlannedAsset { asset: ASSET, name: "one".to_owned(), patches: (0..PATCHES).map(patch).collect() };
    AssetRun::planned(JobKind::Install, &asset)
}

fn manifest(course: &Course) -> Manifest {
    let patch = |n: usize| PlannedPatch {
        patch: PatchId(format!("P{n}")),
        title: format!("P{n}"),
        packages: vec![package(n)],
        reboot: Reboot::Never,
    };
    Manifest {
        asset: ASSET,
        job: JobId(Uuid::from_u128(2)),
        job_name: "job".to_owned(),
        run: RunId(Uuid::from_u128(3)),
        generation: 1,
        kind: JobKind::Install,
        not_before: start(),
        begin_before: course.window.map(later),
        expires_at: later(900),
        patches: (0..PATCHES).map(patch).collect(),
        continue_on_failure: course.continue_on_failure,
    }
}

/// The machine that the agent works on.
struct Machine {
    packages: Vec<u8>,
    luck: Vec<u8>,
}

impl Machine {
    fn present(&self) -> Vec<Present> {
        let one = |(n, state): (usize, &u8)| Present {
            name: format!("p{n}"),
            architecture: "amd64".to_owned(),
            version: if *state == 1 { "2" } else { "1" }.to_owned(),
            held: *state == 2,
            configured: true,
        };
        self.packages.iter().enumerate().filter(|(_, state)| **state < 3).map(one).collect()
    }

    /// Carries out a step. Luck runs out as good luck, so that everything ends.
    fn carry_out(&mut self, step: Step) -> Option<Outcome> {
        let luck = self.luck.pop().unwrap_or(255);
        let fails = |reason| Failure::new(reason, Some(1), "log");
        let or = |reason| if luck < 40 { Err(fails(reason)) } else { Ok(()) };
        Some(match step {
            Step::Sleep(_) | Step::Finished => return None,
            Step::Start => Outcome::Started,
            Step::Look if luck < 10 => Outcome::Looked(Err(fails(FailureReason::PackageManagerBroken))),
            Step::Look => Outcome::Looked(Ok(Sight {
                busy: (luck < 40).then(|| "apt-get (1)".to_owned()),
                interrupted: (40..60).contains(&luck),
                broken: Vec::new(),
                packages: self.present(),
            })),
            Step::Repair => Outcome::Repaired(or(FailureReason::PackageManagerBroken)),
            Step::Refresh => Outcome::Refreshed(or(FailureReason::DownloadFailed)),
            Step::Weigh(_) => {
                let free_bytes = if luck < 30 { 0 } else { u64::MAX };
                Outcome::Weighed(Ok(vec![Room { place: "/".to_owned(), needed_bytes: 1, free_bytes }]))
            }
            Step::Fetch(_) => Outcome::Fetched(or(FailureReason::HashMismatch)),
            Step::Change(order) => Outcome::Changed(self.change(order.index, luck)),
            Step::Rescan => Outcome::Scanned,
        })
    }

    fn change(&mut self, index: usize, luck: u8) -> Changed {
        if luck >= 100 {
            self.packages[index] = 1;
        }
        let ending = match luck % 3 {
            0 => Ending::Done,
            1 => Ending::Failed(Failure::new(FailureReason::InstallerFailed, Some(100), "log")),
            _ => Ending::Lost { log: "log".to_owned() },
        };
        Changed { ending, changes: Vec::new(), packages: self.present() }
    }
}

fn deliver(run: &mut AssetRun, at: i64, reports: &[Report], repeat: bool) -> Result<(), TestCaseError> {
    for report in reports {
        prop_assert!(run.apply(later(at), report).is_ok(), "{:?} on {:#?}", report, run);
    }
    let after = run.clone();
    for report in reports.iter().filter(|_| repeat) {
        prop_assert!(run.apply(later(at), report).is_ok(), "again {:?} on {:#?}", report, run);
        prop_assert_eq!(&*run, &after);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_agree_on_every_course_of_events(course in courses()) {
        let mut run = planned();
        let moved = Execution::take(&manifest(&course), Patience { busy_seconds: 60, look_again_seconds: 5 });
        deliver(&mut run, 0, &moved.reports, false)?;
        let mut execution = moved.execution;
        let mut machine = Machine { packages: course.packages.clone(), luck: course.luck.clone() };
        let (mut now, mut step) = (0, 0);
        while !execution.is_finished() {
            prop_assert!(step < 500, "the agent goes on for ever: {:#?}", execution);
            if let Some((_, how)) = course.ends.filter(|(when, _)| *when == step) {
                let _ = match how { 0 => run.cancel(), 1 => run.time_out(), _ => run.give_up() };
            }
            now += 1;
            if let Some(outcome) = machine.carry_out(execution.step(later(now))) {
                let moved = execution.apply(outcome, later(now)).expect("an answer to the step");
                execution = moved.execution;
                deliver(&mut run, now, &moved.reports, course.repeats.get(step).copied().unwrap_or(false))?;
            }
            step += 1;
        }
        let found = |patch: &PatchId| {
            let n: usize = patch.0.trim_start_matches('P').parse().expect("a number");
            match machine.packages[n] { 1 => FindingState::Installed, 3 => FindingState::NotApplicable, _ => FindingState::Missing }
        };
        run.verify(later(now), &found);
        prop_assert!(run.status.is_ended(), "{:#?}", run);
        for patch in &run.patches {
            prop_assert!(patch.status.is_ended(), "{:?}", patch);
            prop_assert!(patch.status != PatchRunStatus::Installed || found(&patch.patch) == FindingState::Installed);
            prop_assert!(patch.failure.as_ref().is_none_or(|failure| failure.log != "the agent did not tell what became of this patch"));
        }
        if course.ends.is_none() {
            let untouched = run.status != AssetRunStatus::Cancelled && run.status != AssetRunStatus::AgentLost;
            prop_assert!(untouched, "{:?}", run.status);
        }
    }
}

#[test]
fn a_course_with_good_luck_succeeds() {
    let mut run = planned();
    let course =
        Course { continue_on_failure: true, window: None, packages: vec![0; PATCHES], luck: Vec::new(), ends: None, repeats: Vec::new() };
    let mut machine = Machine { packages: course.packages.clone(), luck: Vec::new() };
    let moved = Execution::take(&manifest(&course), Patience::default());
    let mut execution = moved.execution;
    for report in &moved.reports {
        run.apply(start(), report).expect("possible");
    }
    while let Some(outcome) = machine.carry_out(execution.step(start())) {
        let moved = execution.apply(outcome, start()).expect("an answer to the step");
        for report in &moved.reports {
            run.apply(start(), report).expect("possible");
        }
        execution = moved.execution;
    }
    run.verify(start(), &|_| FindingState::Installed);
    assert_eq!(run.status, AssetRunStatus::Succeeded);
    let Some(patch) = run.patches.first() else { panic!("{run:?}") };
    assert_eq!(patch.status, PatchRunStatus::Installed);
}
