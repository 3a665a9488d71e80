//! Laws of the run machine: repetition changes nothing, the impossible is refused, and a run always ends.

#![expect(clippy::expect_used, reason = "helpers of tests stop where the test cannot go on")]

use fettle_deploy::job::JobKind;
use fettle_deploy::plan::{LeftOut, LeftOutReason, PatchNote, PatchPlan, PlannedAsset};
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::{AssetRun, AssetRunStatus, FindingState, Outcome, PackageChange, PatchRunStatus, Refused, Report};
use fettle_model::ids::{AssetId, PatchId};
use fettle_model::patch::Reboot;
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

fn id(name: &str) -> PatchId {
    PatchId(name.to_owned())
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).expect("in range")
}

fn plan(patch: &str, status: PatchRunStatus) -> PatchPlan {
    let note = (status == PatchRunStatus::Superseded).then_some(PatchNote::Superseded);
    PatchPlan { patch: id(patch), title: patch.to_owned(), status, note, packages: Vec::new(), held: Vec::new(), reboot: Reboot::Never }
}

/// A run of patches A and B, and of O, which was superseded when it was planned.
fn planned(kind: JobKind) -> AssetRun {
    let patches = vec![plan("A", PatchRunStatus::Pending), plan("B", PatchRunStatus::Pending), plan("O", PatchRunStatus::Superseded)];
    AssetRun::planned(kind, &PlannedAsset { asset: AssetId(Uuid::from_u128(1)), name: "one".to_owned(), patches })
}

fn asset(status: AssetRunStatus) -> Report {
    Report::Asset { status, failure: None }
}

fn patch(name: &str, status: PatchRunStatus) -> Report {
    Report::Patch { patch: id(name), status, failure: None, changes: Vec::new() }
}

fn failed(name: &str, reason: FailureReason) -> Report {
    let failure = Some(Failure::new(reason, Some(100), "the end of the log"));
    Report::Patch { patch: id(name), status: PatchRunStatus::Failed, failure, changes: Vec::new() }
}

fn tell(run: &mut AssetRun, at: i64, reports: &[Report]) {
    for report in reports {
        assert_eq!(run.apply(second(at), report), Ok(Outcome::Changed), "{report:?} on {run:?}");
    }
}

fn statuses(run: &AssetRun) -> Vec<PatchRunStatus> {
    run.patches.iter().map(|patch| patch.status).collect()
}

/// What an agent tells when all goes well, up to the scan.
fn good_course() -> Vec<Report> {
    use AssetRunStatus as S;
    use PatchRunStatus as P;
    vec![
        asset(S::Received),
        asset(S::Downloading),
        patch("A", P::Downloading),
        patch("B", P::Downloading),
        asset(S::Downloaded),
        asset(S::Running),
        patch("A", P::Installing),
        patch("A", P::Verifying),
        patch("B", P::Installing),
        patch("B", P::Verifying),
        asset(S::Verifying),
    ]
}

#[test]
fn a_good_course_ends_with_the_scan() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 100, &good_course());
    assert!(run.awaits_scan());
    assert_eq!(run.verify(second(99), &|_| FindingState::Missing), Outcome::Unchanged, "an older scan says nothing");
    assert_eq!(run.verify(second(100), &|_| FindingState::Installed), Outcome::Changed);
    assert_eq!(run.status, AssetRunStatus::Succeeded);
    assert_eq!(statuses(&run), [PatchRunStatus::Installed, PatchRunStatus::Installed, PatchRunStatus::Superseded]);
    assert_eq!(run.verify(second(200), &|_| FindingState::Missing), Outcome::Unchanged, "the verdict stands");
}

#[test]
fn installed_without_effect_is_a_failure() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 100, &good_course());
    let found = |patch: &PatchId| if *patch == id("A") { FindingState::Installed } else { FindingState::Missing };
    run.verify(second(101), &found);
    assert_eq!(run.status, AssetRunStatus::PartlySucceeded);
    assert_eq!(run.patches[1].failure.as_ref().map(|failure| failure.reason), Some(FailureReason::VerificationFailed));
}

#[test]
fn taking_back_is_done_when_the_scan_does_not_show_the_patch() {
    for (found, status, patch) in [
        (FindingState::Missing, AssetRunStatus::Succeeded, PatchRunStatus::Removed),
        (FindingState::NotApplicable, AssetRunStatus::Succeeded, PatchRunStatus::Removed),
        (FindingState::Installed, AssetRunStatus::Failed, PatchRunStatus::Failed),
    ] {
        let mut run = planned(JobKind::Uninstall);
        tell(&mut run, 100, &good_course());
        run.verify(second(100), &|_| found);
        assert_eq!((run.status, run.patches[0].status), (status, patch));
    }
}

#[test]
fn a_held_package_fails_before_anything_is_fetched() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 1, &[asset(AssetRunStatus::Received), failed("A", FailureReason::PackagesHeld), asset(AssetRunStatus::Downloading)]);
    tell(&mut run, 2, &[patch("B", PatchRunStatus::Downloading), asset(AssetRunStatus::Running), patch("B", PatchRunStatus::Verifying)]);
    tell(&mut run, 3, &[asset(AssetRunStatus::Verifying)]);
    run.verify(second(3), &|_| FindingState::Installed);
    assert_eq!(run.status, AssetRunStatus::PartlySucceeded);
}

#[test]
fn without_any_success_it_ends_without_a_scan() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 1, &[asset(AssetRunStatus::Received)]);
    let failure = Some(Failure::new(FailureReason::PackageManagerBroken, None, ""));
    tell(&mut run, 2, &[Report::Asset { status: AssetRunStatus::Failed, failure: failure.clone() }]);
    assert_eq!((run.status, &run.failure), (AssetRunStatus::Failed, &failure));
    assert_eq!(statuses(&run), [PatchRunStatus::Failed, PatchRunStatus::Failed, PatchRunStatus::Superseded]);
    assert_eq!(run.patches[0].failure, failure);
}

#[test]
fn a_failure_as_a_whole_still_waits_for_what_was_done_before() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 1, &[asset(AssetRunStatus::Running), patch("A", PatchRunStatus::Verifying), asset(AssetRunStatus::Failed)]);
    assert!(run.awaits_scan());
    run.verify(second(2), &|_| FindingState::Installed);
    assert_eq!(run.status, AssetRunStatus::PartlySucceeded);
}

#[test]
fn nothing_to_do_is_nothing_to_do() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 1, &[asset(AssetRunStatus::Received), patch("A", PatchRunStatus::NotApplicable), asset(AssetRunStatus::NothingToDo)]);
    assert_eq!(run.status, AssetRunStatus::NothingToDo);
    assert_eq!(statuses(&run), [PatchRunStatus::NotApplicable, PatchRunStatus::NotApplicable, PatchRunStatus::Superseded]);
}

#[test]
fn the_impossible_is_refused() {
    let refuse = |run: &mut AssetRun, report: &Report| {
        let before = run.clone();
        let refused = run.apply(second(500), report).expect_err("must be refused");
        assert_eq!(*run, before, "a refused report changes nothing");
        refused
    };
    let mut run = planned(JobKind::Install);
    assert_eq!(refuse(&mut run, &asset(AssetRunStatus::Succeeded)), Refused::NotTheAgents("succeeded"));
    assert_eq!(refuse(&mut run, &patch("A", PatchRunStatus::Installed)), Refused::NotTheAgents("installed"));
    assert_eq!(refuse(&mut run, &patch("X", PatchRunStatus::Downloading)), Refused::UnknownPatch(id("X")));
    assert!(
        matches!(refuse(&mut run, &patch("O", PatchRunStatus::Installing)), Refused::Patch { .. }),
        "superseded ones are not installed"
    );
    tell(&mut run, 1, &[asset(AssetRunStatus::Running), patch("A", PatchRunStatus::Installing)]);
    assert!(matches!(refuse(&mut run, &asset(AssetRunStatus::Downloading)), Refused::Asset { .. }), "not backwards");
    assert!(matches!(refuse(&mut run, &asset(AssetRunStatus::TimedOut)), Refused::Asset { .. }), "it has begun");
    assert!(matches!(refuse(&mut run, &patch("A", PatchRunStatus::NotApplicable)), Refused::Patch { .. }), "it was being installed");
    tell(&mut run, 2, &[patch("A", PatchRunStatus::Verifying)]);
    assert!(matches!(refuse(&mut run, &asset(AssetRunStatus::NothingToDo)), Refused::Asset { .. }), "something was done");
    tell(&mut run, 3, &[asset(AssetRunStatus::Verifying)]);
    assert!(matches!(refuse(&mut run, &patch("B", PatchRunStatus::Installing)), Refused::Patch { .. }), "the agent said it was done");

    let left = LeftOut { asset: AssetId(Uuid::from_u128(2)), name: "two".to_owned(), reason: LeftOutReason::NoPatchMissing };
    let mut out = AssetRun::left_out(JobKind::Install, &left);
    assert_eq!(refuse(&mut out, &asset(AssetRunStatus::Received)), Refused::LeftOut);
}

#[test]
fn cancelling_stops_what_has_not_begun() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 1, &[asset(AssetRunStatus::Received), patch("A", PatchRunStatus::Downloading)]);
    assert_eq!(run.cancel(), Outcome::Changed);
    assert_eq!(run.status, AssetRunStatus::Cancelled);
    assert_eq!(statuses(&run), [PatchRunStatus::Skipped, PatchRunStatus::Skipped, PatchRunStatus::Superseded]);
    assert_eq!(run.apply(second(2), &asset(AssetRunStatus::Downloaded)), Ok(Outcome::Changed), "it had not heard of it yet");
    assert_eq!(run.status, AssetRunStatus::Cancelled);
    assert_eq!(run.apply(second(2), &asset(AssetRunStatus::Cancelled)), Ok(Outcome::Changed));
    let refused = run.apply(second(3), &asset(AssetRunStatus::Running));
    assert!(matches!(refused, Err(Refused::Asset { .. })), "the agent had confirmed");

    let mut begun = planned(JobKind::Install);
    tell(&mut begun, 1, &[asset(AssetRunStatus::Running)]);
    assert_eq!(begun.cancel(), Outcome::Unchanged);
    assert_eq!(begun.status, AssetRunStatus::Running);
}

#[test]
fn what_had_begun_before_the_cancellation_arrived_is_followed_to_its_end() {
    for end in [AssetRun::cancel, AssetRun::time_out, AssetRun::give_up] {
        let mut run = planned(JobKind::Install);
        let course = good_course();
        let (before, after) = course.split_at(4);
        tell(&mut run, 1, before);
        assert_eq!(end(&mut run), Outcome::Changed);
        for report in after {
            run.apply(second(2), report).expect("the agent's word counts");
        }
        run.verify(second(3), &|_| FindingState::Installed);
        assert_eq!(run.status, AssetRunStatus::Succeeded, "{run:?}");
    }
}

#[test]
fn an_agent_that_was_given_up_after_its_work_is_still_verified() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 1, &good_course());
    assert_eq!(run.give_up(), Outcome::Changed);
    assert_eq!(run.status, AssetRunStatus::AgentLost);
    assert_eq!(run.verify(second(9), &|_| FindingState::Installed), Outcome::Changed);
    assert_eq!(run.status, AssetRunStatus::Succeeded);
}

#[derive(Debug, Clone)]
enum Event {
    Told(Report),
    Cancel,
    TimeOut,
    GiveUp,
    Scan(FindingState),
}

fn reports() -> impl Strategy<Value = Report> {
    let asset = proptest::sample::select(AssetRunStatus::ALL).prop_map(asset);
    let names = proptest::sample::select(vec!["A", "B", "O", "X"]);
    let patch = (names, proptest::sample::select(PatchRunStatus::ALL), 0_usize..3).prop_map(|(name, status, changed)| {
        let change = |n: usize| PackageChange { name: format!("p{n}"), architecture: "amd64".into(), from: "1".into(), to: "2".into() };
        Report::Patch { patch: id(name), status, failure: None, changes: (0..changed).map(change).collect() }
    });
    prop_oneof![asset, patch]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let found = prop_oneof![
        Just(FindingState::Missing),
        Just(FindingState::Installed),
        Just(FindingState::NotApplicable),
        Just(FindingState::Unknown)
    ];
    let event = prop_oneof![
        12 => reports().prop_map(Event::Told),
        1 => Just(Event::Cancel),
        1 => Just(Event::TimeOut),
        1 => Just(Event::GiveUp),
        1 => found.prop_map(Event::Scan),
    ];
    proptest::collection::vec(event, 0..60)
}

fn play(run: &mut AssetRun, at: i64, event: &Event) -> Result<Outcome, Refused> {
    match event {
        Event::Told(report) => run.apply(second(at), report),
        Event::Cancel => Ok(run.cancel()),
        Event::TimeOut => Ok(run.time_out()),
        Event::GiveUp => Ok(run.give_up()),
        Event::Scan(found) => Ok(run.verify(second(at), &|_| *found)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn repetition_changes_nothing_and_the_impossible_is_refused(events in events()) {
        let mut run = planned(JobKind::Install);
        let mut taken: Vec<&Event> = Vec::new();
        for (at, event) in (0..).zip(&events) {
            let before = run.clone();
            match play(&mut run, at, event) {
                Ok(Outcome::Changed) => {
                    prop_assert_ne!(&run, &before);
                    if matches!(event, Event::Told(_)) {
                        taken.push(event);
                    }
                }
                Ok(Outcome::Unchanged) => prop_assert_eq!(statuses(&run), statuses(&before)),
                Err(_) => prop_assert_eq!(&run, &before),
            }
            let after = run.clone();
            for &old in &taken {
                prop_assert_eq!(play(&mut run, at, old), Ok(Outcome::Unchanged), "{:?} on {:?}", old, after);
                prop_assert_eq!(&run, &after);
            }
        }
    }

    #[test]
    fn only_a_scan_makes_a_success(events in events()) {
        let mut run = planned(JobKind::Install);
        for (at, event) in (0..).zip(events.iter().filter(|event| !matches!(event, Event::Scan(_)))) {
            let _ = play(&mut run, at, event);
            prop_assert!(!statuses(&run).contains(&PatchRunStatus::Installed));
            prop_assert!(!matches!(run.status, AssetRunStatus::Succeeded | AssetRunStatus::PartlySucceeded));
        }
    }

    #[test]
    fn a_run_always_ends(events in events()) {
        let mut run = planned(JobKind::Install);
        for (at, event) in (0..).zip(&events) {
            let _ = play(&mut run, at, event);
            prop_assert!(!run.status.is_ended() || run.patches.iter().all(|patch| patch.status.is_ended()), "{:?}", run);
        }
        // Whatever was told, the agent can come to its end; and if it never does, the server can.
        let mut honest = run.clone();
        let _ = honest.apply(second(1_000), &asset(AssetRunStatus::Verifying));
        honest.verify(second(1_000), &|_| FindingState::Installed);
        prop_assert!(honest.status.is_ended(), "{:?}", honest);
        run.give_up();
        prop_assert!(run.status.is_ended(), "{:?}", run);
    }

    #[test]
    fn reports_change_a_run_only_so_often(reports in proptest::collection::vec(reports(), 0..300)) {
        let mut run = planned(JobKind::Install);
        let changes = reports.iter().filter(|report| run.apply(second(1), report) == Ok(Outcome::Changed)).count();
        // Nine steps of the asset; four steps of each of two patches, each with up to two more lists of changes.
        prop_assert!(changes <= 9 + 2 * (4 + 2 * 2), "{changes}");
    }
}

#[test]
fn a_row_is_kept_as_json_and_read_back() {
    let mut run = planned(JobKind::Install);
    tell(&mut run, 100, &good_course());
    let text = serde_json::to_string(&run).expect("written");
    assert_eq!(serde_json::from_str::<AssetRun>(&text).expect("read"), run);
}
