//! The life of a job, and what makes a definition sound and complete.

#![expect(clippy::expect_used, reason = "helpers of tests stop where the test cannot go on")]

use fettle_deploy::job::{CannotChange, Definition, Job, JobStatus, MAX_NAMED_ASSETS, MAX_PATCHES, Schedule};
use fettle_model::ids::{AssetId, JobId, PatchId, UserId};
use jiff::Timestamp;
use rstest::rstest;
use uuid::Uuid;

const OWNER: UserId = UserId(Uuid::from_u128(1));
const OTHER: UserId = UserId(Uuid::from_u128(2));
const ASSET: AssetId = AssetId(Uuid::from_u128(3));

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).expect("in range")
}

fn definition(json: &str) -> Definition {
    serde_json::from_str(json).expect("a definition")
}

fn complete(schedule: Schedule) -> Definition {
    let mut definition = definition(r#"{"name": "Nightly", "kind": "install", "patches": ["P1"]}"#);
    definition.assets.include_assets.insert(ASSET);
    definition.schedule = Some(schedule);
    definition
}

fn job(definition: Definition) -> Job {
    Job::new(JobId(Uuid::from_u128(9)), definition, Some(OWNER), second(1)).expect("a sound definition")
}

#[rstest]
#[case("", &[], "name")]
#[case("two\nlines", &[], "name")]
#[case("ok", &["P1", "P1"], "patches")]
fn flaws_name_their_field(#[case] name: &str, #[case] patches: &[&str], #[case] field: &str) {
    let mut definition = complete(Schedule::OnDemand);
    definition.name = name.to_owned();
    definition.patches = patches.iter().map(|id| PatchId((*id).to_owned())).collect();
    let fields: Vec<String> = definition.check().into_iter().map(|flaw| flaw.field).collect();
    assert_eq!(fields, [field]);
    assert!(matches!(Job::new(JobId(Uuid::nil()), definition, None, second(1)), Err(CannotChange::Flawed(_))));
}

#[rstest]
#[case(Some(0), false)]
#[case(Some(1), true)]
#[case(Some(10_080), true)]
#[case(Some(10_081), false)]
#[case(None, true)]
fn a_window_is_a_minute_to_a_week(#[case] minutes: Option<u32>, #[case] sound: bool) {
    let mut definition = complete(Schedule::OnDemand);
    definition.options.window_minutes = minutes;
    assert_eq!(definition.check().is_empty(), sound);
}

#[test]
fn lists_are_bounded() {
    let mut definition = complete(Schedule::OnDemand);
    definition.name = "n".repeat(201);
    definition.patches = (0..=MAX_PATCHES).map(|n| PatchId(n.to_string())).collect();
    definition.assets.include_assets = (0..=MAX_NAMED_ASSETS as u128).map(|n| AssetId(Uuid::from_u128(n))).collect();
    definition.assets.exclude_assets = definition.assets.include_assets.clone();
    let fields: Vec<String> = definition.check().into_iter().map(|flaw| flaw.field).collect();
    assert_eq!(fields, ["name", "patches", "assets.include_assets", "assets.exclude_assets"]);
}

#[test]
fn a_job_that_misses_a_part_can_be_saved_and_not_enabled() {
    let whole = complete(Schedule::OnDemand);
    let without: [fn(&mut Definition); 3] = [|job| job.patches.clear(), |job| job.assets.include_assets.clear(), |job| job.schedule = None];
    for take_away in without {
        let mut part = whole.clone();
        take_away(&mut part);
        let saved = job(part);
        assert_eq!(saved.status, JobStatus::PartiallyConfigured);
        assert_eq!(saved.clone().enable(second(2)), Err(CannotChange::Incomplete));
        assert_eq!(saved.edit(whole.clone(), second(2)).map(|job| job.status), Ok(JobStatus::Disabled));
    }
}

#[test]
fn a_job_that_runs_once_goes_one_way() {
    for schedule in [Schedule::OnDemand, Schedule::Once { at: second(100) }] {
        let saved = job(complete(schedule));
        assert_eq!(saved.status, JobStatus::Disabled);
        assert_eq!(saved.clone().disable(second(2)), Err(CannotChange::NotEnabled));
        let enabled = saved.enable(second(2)).expect("complete");
        assert_eq!((enabled.status, enabled.updated_at), (JobStatus::Enabled, second(2)));
        assert_eq!(enabled.clone().enable(second(3)), Err(CannotChange::AlreadyEnabled));
        assert_eq!(enabled.clone().disable(second(3)), Err(CannotChange::RunsOnce));
        assert_eq!(enabled.clone().edit(enabled.definition.clone(), second(3)), Err(CannotChange::RunsOnce));
        let completed = enabled.run_ended(second(4));
        assert_eq!(completed.status, JobStatus::Completed);
        assert_eq!(completed.clone().enable(second(5)), Err(CannotChange::Completed));
        assert_eq!(completed.clone().edit(completed.definition.clone(), second(5)), Err(CannotChange::Completed));
        assert_eq!(completed.clone().run_ended(second(5)), completed);
    }
}

#[test]
fn an_advisory_needs_an_owner_to_be_enabled() {
    let advisory = Job::new(JobId(Uuid::nil()), complete(Schedule::OnDemand), None, second(1)).expect("sound");
    assert_eq!(advisory.clone().enable(second(2)), Err(CannotChange::NoOwner));
    assert_eq!(advisory.clone_for(JobId(Uuid::from_u128(4)), OTHER, second(2)).owner, None);
}

#[test]
fn a_clone_is_off_and_belongs_to_who_made_it() {
    let mut original = job(complete(Schedule::Once { at: second(100) })).enable(second(2)).expect("complete");
    original.co_authors = vec![OTHER];
    let early = original.clone_for(JobId(Uuid::from_u128(4)), OTHER, second(50));
    assert_eq!((early.status, early.owner, early.definition.name.as_str()), (JobStatus::Disabled, Some(OTHER), "Copy of Nightly"));
    assert!(early.co_authors.is_empty());
    let late = original.clone_for(JobId(Uuid::from_u128(5)), OTHER, second(100));
    assert_eq!((late.status, late.definition.schedule), (JobStatus::PartiallyConfigured, None), "a past date is dropped");
    original.definition.name = "é".repeat(200);
    assert!(original.clone_for(JobId(Uuid::from_u128(6)), OTHER, second(50)).definition.check().is_empty());
}

#[test]
fn a_schedule_is_due_from_its_moment_on() {
    let once = Schedule::Once { at: second(100) };
    assert_eq!([99, 100, 1_000].map(|now| once.due(second(now))), [false, true, true]);
    assert_eq!([99, 100].map(|now| once.next(second(now))), [Some(second(100)), None]);
    assert!(Schedule::OnDemand.due(second(0)) && Schedule::OnDemand.next(second(0)).is_none());
    assert_ne!(once.slot(), Schedule::Once { at: second(101) }.slot());
}

#[test]
fn the_window_begins_with_the_run() {
    let mut options = complete(Schedule::OnDemand).options;
    assert_eq!(options.window_from(second(60)), None);
    options.window_minutes = Some(2);
    assert_eq!(options.window_from(second(60)), Some(second(180)));
    assert_eq!(options.window_from(Timestamp::MAX), Some(Timestamp::MAX));
}

#[test]
fn unknown_fields_are_refused() {
    let text = r#"{"name": "x", "kind": "install", "patchez": []}"#;
    let error = serde_json::from_str::<Definition>(text).expect_err("a misspelt field");
    assert!(error.to_string().contains("patchez"), "{error}");
}
