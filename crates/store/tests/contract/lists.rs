//! Lists by query: SQL cuts off nothing that the language accepts.

use crate::queries::queries;
use crate::world::{World, contract, sign};
use fettle_deploy::job::{Job, Schedule};
use fettle_deploy::plan::{LeftOut, LeftOutReason};
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus, Report};
use fettle_model::ids::{AssetId, JobId, PatchId};
use fettle_query::registry::{AssetField, Key, PatchField};
use fettle_query::{Checked, Context, Entity, Record, Relation, Truth, Value, check, interpret};
use fettle_store::{
    AuditColumn, AuditOrder, AuditPlace, AuditRecord, AuditRow, Engine, JobParts, JobRecord, Jobs, NewRun, PartOfRun, ResultPlace,
    ResultRecord, RunOrder, RunRecord,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeSet, HashMap};

/// Queries tried on each entity; the second database gets fewer, because each costs it a round trip.
fn cases(world: &World) -> u32 {
    if world.store.engine() == Engine::Sqlite { 500 } else { 120 }
}

/// Runs a law over random queries; what it reports is the smallest query that breaks it.
fn law(world: &World, entity: Entity, known: &[String], holds: impl AsyncFn(Checked) -> Result<(), String>) {
    let config = Config { cases: cases(world), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let context = context(world);
    let result = runner.run(&queries(entity, known), |text| {
        let query = check(entity, &text, &context);
        let query = query.map_err(|errors| proptest::test_runner::TestCaseError::reject(format!("{text}: {errors:?}")))?;
        let outcome = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(holds(query)));
        outcome.map_err(proptest::test_runner::TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn context(world: &World) -> Context {
    Context { now: world.now(), zone: TimeZone::UTC }
}

fn asked(world: &World, entity: Entity, text: &str) -> Checked {
    check(entity, text, &context(world)).expect("a query")
}

async fn jobs(world: &World) -> Vec<Job> {
    for (number, name) in ["Monthly", "éclair web", "ECLAIR", "a_b 100%", "alpha", "nothing much"].into_iter().cycle().take(24).enumerate()
    {
        let mut job = world.job(&format!("{name} {number}")).await;
        let read_at = job.updated_at;
        job.updated_at = world.later(SignedDuration::new(120, 1_500));
        match number % 5 {
            0 => job.status = fettle_deploy::job::JobStatus::Disabled,
            1 => job.definition.schedule = Some(Schedule::Once { at: world.now() + SignedDuration::from_hours(1) }),
            2 => job.status = fettle_deploy::job::JobStatus::PartiallyConfigured,
            3 => job.owner = None,
            _ => job.definition.description = "for the disk".to_owned(),
        }
        world.store.update_job(&job, read_at, &world.audit("job.change")).await.expect("changed");
        if number % 3 == 1 {
            let asset = AssetId::make(world.now(), world.ten());
            let run = world.new_run(&job, &[asset], Vec::new());
            world.store.start_run(&run, sign(&run)).await.expect("answers");
        }
    }
    world.store.jobs().await.expect("answers")
}

/// A job as its people see it, or as others do.
fn record<'a>(job: &'a Job, run: Option<&'a RunRecord>, opened: bool) -> JobRecord<'a> {
    let parts = opened.then(|| JobParts { co_authors: vec!["Bob"], tags: vec!["web servers"], last_run: run });
    JobRecord::new(job, job.owner.map(|_| "Ádá"), parts)
}

async fn audit(world: &World) -> Vec<AuditRow> {
    let actions = ["user.create", "job.enable", "asset.tags", "session.begin"];
    let names = ["ada", "Éclair", "straße", "fettle"];
    let origins = ["10.0.0.1", "local", "2001:db8::1", "192.0.2.7"];
    for number in 0..40_usize {
        // The first is made at a moment that queries ask for.
        if number > 0 {
            world.later(SignedDuration::new(31, 500));
        }
        let mut entry = world.audit(actions[number % 4]);
        entry.who_name = names[number / 4 % 4].to_owned();
        entry.from = origins[number / 3 % 4].to_owned();
        entry.subject = format!("job {number}");
        world.store.record_audit(&entry).await.expect("appended");
    }
    world.store.audit(None, 100).await.expect("answers")
}

/// Runs with results in all kinds of states.
async fn runs(world: &World) -> Vec<NewRun> {
    let names = ["alpha", "Beta", "gámma", "a_b", "delta"];
    let mut assets = Vec::new();
    for name in names {
        assets.push(world.asset(name).await);
    }
    let mut made = Vec::new();
    for (number, name) in ["Monthly web", "éclair", "a job", "p1 again"].into_iter().enumerate() {
        world.later(SignedDuration::from_mins(7));
        let job = world.job(name).await;
        let left = LeftOut { asset: AssetId::make(world.now(), world.ten()), name: "left".to_owned(), reason: LeftOutReason::AssessOnly };
        let mut run = world.new_run(&job, &assets[number.min(2)..], vec![left]);
        for (planned, name) in run.plan.assets.iter_mut().zip(&names[number.min(2)..]) {
            (*name).clone_into(&mut planned.name);
        }
        world.store.start_run(&run, sign(&run)).await.expect("starts");
        for (place, asset) in assets[number.min(2)..].iter().enumerate() {
            world.later(SignedDuration::new(60, 700));
            let events = reports((number + place) % 5).into_iter().map(|report| world.event(&run, report)).collect();
            world.store.apply_reports(*asset, events, world.now()).await.expect("taken");
        }
        made.push(run);
    }
    made
}

fn reports(how: usize) -> Vec<Report> {
    let asset = |status| Report::Asset { status, failure: None };
    let failed = Some(Failure::new(FailureReason::NotEnoughDisk, Some(100), "no room"));
    let patch = |status, failure| Report::Patch { patch: PatchId("p1".to_owned()), status, failure, changes: Vec::new() };
    let begun = || vec![asset(AssetRunStatus::Received), asset(AssetRunStatus::Running), patch(PatchRunStatus::Installing, None)];
    match how {
        0 => Vec::new(),
        1 => vec![asset(AssetRunStatus::Received)],
        2 => begun(),
        3 => begun().into_iter().chain([patch(PatchRunStatus::Failed, failed), asset(AssetRunStatus::Failed)]).collect(),
        _ => begun().into_iter().chain([patch(PatchRunStatus::Verifying, None), asset(AssetRunStatus::Verifying)]).collect(),
    }
}

/// An asset or a patch, as the fleet would show it.
struct Fake {
    id: String,
    name: String,
    known: bool,
}

impl Record for Fake {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        match field {
            Key::Asset(AssetField::Name) | Key::Patch(PatchField::Title) => vec![Value::Text(self.name.as_str().into())],
            Key::Asset(AssetField::AgentId) | Key::Patch(PatchField::Id) => vec![Value::Text(self.id.as_str().into())],
            Key::Asset(AssetField::Online) | Key::Patch(PatchField::Kev) => vec![Value::Flag(self.known)],
            Key::Asset(AssetField::MissingCount) => vec![Value::Number(3.0)],
            _ => Vec::new(),
        }
    }
    fn related(&self, _: Relation) -> Vec<&dyn Record> {
        Vec::new()
    }
    fn is_known(&self) -> bool {
        self.known
    }
}

/// Whether each patch of a part satisfies a query. Some assets and patches are not there any more.
fn truths(query: &Checked, part: &PartOfRun) -> Vec<Truth> {
    let id = part.asset.to_string();
    let asset = (part.name != "delta").then(|| Fake { known: !part.name.contains('a'), name: part.name.clone(), id });
    let asset = asset.as_ref().map(|asset| -> &dyn Record { asset });
    part.patches
        .iter()
        .map(|patch| {
            let known = Fake { id: patch.patch.to_string(), name: patch.title.clone(), known: patch.title == "P2" };
            interpret(query, &ResultRecord::new(part, patch, asset, Some(&known)))
        })
        .collect()
}

/// All results that satisfy a query, by their places as text.
async fn found(world: &World, asked: &Checked, satisfied: &Checked, jobs: &Jobs) -> Vec<String> {
    let mut reader = world.store.results_that_may(asked.clone(), jobs.clone(), RunOrder::NewestFirst, None);
    let mut places = Vec::new();
    loop {
        let parts = reader.next().await.expect("answers");
        if parts.is_empty() {
            return places;
        }
        for part in &parts {
            let satisfied = truths(satisfied, part).into_iter().enumerate().filter(|(_, truth)| *truth == Truth::Yes);
            places.extend(satisfied.map(|(patch, _)| format!("{:?}", ResultPlace::of(part, patch))));
        }
    }
}

/// As the audit log is read when nobody asks for another order.
const NEWEST: AuditOrder = AuditOrder { by: None, descending: true };

/// The places of all results behind one.
async fn places(world: &World, order: RunOrder, after: Option<&ResultPlace>) -> Vec<ResultPlace> {
    let mut reader = world.store.results_that_may(Checked::everything(Entity::Result), Jobs::All, order, after.cloned());
    let mut places = Vec::new();
    loop {
        let parts = reader.next().await.expect("answers");
        if parts.is_empty() {
            return places;
        }
        places.extend(parts.iter().flat_map(|part| (0..part.patches.len()).map(|patch| ResultPlace::of(part, patch))));
    }
}

contract! {
    async fn no_job_that_satisfies_a_query_is_cut_off(world: &World) {
        let all = jobs(world).await;
        let last = world.store.last_runs().await.expect("answers");
        assert!(last.len() >= 5, "{}", last.len());
        let known: Vec<String> = all.iter().map(|job| job.definition.name.clone()).collect();
        law(world, Entity::Job, &known, async |query| {
            let read = world.store.jobs_that_may(&query, None, 1_000).await.map_err(|error| format!("{error:?}"))?;
            for opened in [true, false] {
                let satisfied = |job: &Job| interpret(&query, &record(job, last.get(&job.id), opened)) == Truth::Yes;
                let wanted: Vec<JobId> = all.iter().filter(|job| satisfied(job)).map(|job| job.id).collect();
                let got: Vec<JobId> = read.iter().filter(|job| satisfied(job)).map(|job| job.id).collect();
                if wanted != got {
                    return Err(format!("{}: {got:?} instead of {wanted:?}", query.canonical()));
                }
            }
            Ok(())
        });
    }

    async fn no_audit_entry_that_satisfies_a_query_is_cut_off(world: &World) {
        let all = audit(world).await;
        let known: Vec<String> = all.iter().flat_map(|row| [row.entry.action.clone(), row.entry.from.clone(), row.entry.who_name.clone()]).collect();
        law(world, Entity::Audit, &known, async |query| {
            let read = world.store.audit_that_may(&query, NEWEST, None, 1_000).await.map_err(|error| format!("{error:?}"))?;
            let satisfied = |row: &&AuditRow| interpret(&query, &AuditRecord(row)) == Truth::Yes;
            let wanted: Vec<u64> = all.iter().filter(satisfied).map(|row| row.number).collect();
            let got: Vec<u64> = read.iter().filter(satisfied).map(|row| row.number).collect();
            let counted = world.store.count_audit(&query).await.map_err(|error| format!("{error:?}"))?;
            if wanted != got || counted.is_some_and(|counted| counted != wanted.len() as u64) {
                return Err(format!("{}: {got:?}, counted {counted:?}, instead of {wanted:?}", query.canonical()));
            }
            Ok(())
        });
    }

    async fn no_result_that_satisfies_a_query_is_cut_off(world: &World) {
        let made = runs(world).await;
        // Delta is not in the fleet any more when results are asked for.
        let removed = made[0].plan.assets.last().map(|asset| asset.asset.to_string()).expect("delta");
        let known: Vec<String> = made
            .iter()
            .flat_map(|run| [run.id.to_string(), run.plan.assets[0].asset.to_string(), removed.clone(), "Monthly web".to_owned(), "not_enough_disk".to_owned()])
            .collect();
        let everything = Checked::everything(Entity::Result);
        assert_eq!(found(world, &everything, &everything, &Jobs::All).await.len(), 2 * (5 + 4 + 3 + 3));
        let some = Jobs::Only(made[1..3].iter().map(|run| run.job).collect());
        law(world, Entity::Result, &known, async |query| {
            for jobs in [&Jobs::All, &some] {
                let wanted = found(world, &everything, &query, jobs).await;
                let got = found(world, &query, &query, jobs).await;
                let counted = world.store.count_results(&query, jobs).await.map_err(|error| format!("{error:?}"))?;
                if wanted != got || counted.is_some_and(|counted| counted != wanted.len() as u64) {
                    return Err(format!("{}: {got:?}, counted {counted:?}, instead of {wanted:?}", query.canonical()));
                }
            }
            Ok(())
        });
    }

    async fn a_reader_goes_on_behind_any_place(world: &World) {
        runs(world).await;
        let newest = places(world, RunOrder::NewestFirst, None).await;
        let oldest = places(world, RunOrder::OldestFirst, None).await;
        for (order, whole) in [(RunOrder::NewestFirst, &newest), (RunOrder::OldestFirst, &oldest)] {
            assert_eq!(whole.len(), 30);
            for (position, place) in whole.iter().enumerate() {
                assert_eq!(places(world, order, Some(place)).await, whole[position + 1..], "{order:?} behind {place:?}");
            }
        }
        let by_run = |places: &[ResultPlace]| places.chunk_by(|a, b| a.run == b.run).map(<[ResultPlace]>::to_vec).collect::<Vec<_>>();
        let mut turned = by_run(&newest);
        turned.reverse();
        assert_eq!(by_run(&oldest), turned, "within a run the order stays");
    }

    async fn the_audit_log_is_read_in_every_order_from_any_place(world: &World) {
        let mut all = audit(world).await;
        let columns = [None, Some(AuditColumn::Actor), Some(AuditColumn::From), Some(AuditColumn::Action), Some(AuditColumn::Subject)];
        for by in columns {
            all.sort_by_key(|row| { let place = AuditPlace::of(row, by); (place.value.into_bytes(), place.number) });
            for descending in [false, true] {
                let order = AuditOrder { by, descending };
                let mut wanted: Vec<u64> = all.iter().map(|row| row.number).collect();
                if descending { wanted.reverse(); }
                let (mut got, mut after) = (Vec::new(), None);
                loop {
                    let everything = Checked::everything(Entity::Audit);
                    let page = world.store.audit_that_may(&everything, order, after.as_ref(), 3).await.expect("answers");
                    let Some(last) = page.last() else { break };
                    after = Some(AuditPlace::of(last, by));
                    got.extend(page.iter().map(|row| row.number));
                }
                assert_eq!(got, wanted, "{order:?}");
            }
        }
    }

    async fn values_of_the_audit_log_are_counted(world: &World) {
        let all = audit(world).await;
        let mut counts: HashMap<String, u64> = HashMap::new();
        all.iter().for_each(|row| *counts.entry(row.entry.action.clone()).or_default() += 1);
        let got = world.store.audit_values(AuditColumn::Action, 1_000).await.expect("answers");
        assert!(got.is_sorted_by_key(|(_, count)| std::cmp::Reverse(*count)), "{got:?}");
        assert_eq!(got.into_iter().collect::<HashMap<_, _>>(), counts);
        let newest = all.iter().max_by_key(|row| row.number).expect("an entry");
        let one = world.store.audit_values(AuditColumn::Subject, 1).await.expect("answers");
        assert_eq!(one, [(newest.entry.subject.clone(), 1)]);
    }

    async fn a_large_run_is_read_in_order_and_whole(world: &World) {
        // These were removed since the run was planned, which leaves them in it.
        let removed: Vec<AssetId> = (0..150).map(|_| AssetId::make(world.now(), world.ten())).collect();
        world.run("first", &removed[..3]).await;
        world.later(SignedDuration::from_mins(1));
        world.run("large", &removed).await;
        let whole = places(world, RunOrder::NewestFirst, None).await;
        assert_eq!(whole.len(), 2 * 153);
        let names: Vec<&str> = whole[..300].iter().map(|place| place.name.as_str()).collect();
        assert!(names.is_sorted(), "{names:?}");
        let distinct: BTreeSet<String> = whole.iter().map(|place| format!("{place:?}")).collect();
        assert_eq!(distinct.len(), whole.len());
        for position in [0, 126, 127, 128, 299, 300, 305] {
            assert_eq!(places(world, RunOrder::NewestFirst, Some(&whole[position])).await, whole[position + 1..], "behind {position}");
        }
        assert_eq!(world.store.count_results(&Checked::everything(Entity::Result), &Jobs::All).await.expect("answers"), Some(306));
    }

    async fn a_part_knows_when_it_began_and_ended(world: &World) {
        let asset = world.asset("alpha").await;
        let run = world.run("a job", &[asset]).await;
        let started = world.now();
        let part = async || world.store.results_that_may(Checked::everything(Entity::Result), Jobs::All, RunOrder::NewestFirst, None).next().await.expect("answers").remove(0);
        assert_eq!((part().await.began_at, part().await.ended_at), (None, None));
        let begun = world.later(SignedDuration::from_mins(1));
        let say = async |status| {
            let event = world.event(&run, Report::Asset { status, failure: None });
            world.store.apply_reports(asset, vec![event], world.now()).await.expect("taken");
        };
        say(AssetRunStatus::Received).await;
        assert_eq!(part().await.began_at, None);
        say(AssetRunStatus::Running).await;
        assert_eq!((part().await.began_at, part().await.ended_at), (Some(begun), None));
        let ended = world.later(SignedDuration::from_mins(1));
        say(AssetRunStatus::Failed).await;
        assert_eq!((part().await.began_at, part().await.ended_at), (Some(begun), Some(ended)));
        let since = asked(world, Entity::Result, &format!("started>{started} ended:{ended}"));
        assert_eq!(world.store.count_results(&since, &Jobs::All).await.expect("answers"), Some(2));
        // As a process of an older release leaves it.
        world.sql("UPDATE run_assets SET began_at = NULL, ended_at = NULL").await;
        assert_eq!((part().await.began_at, part().await.ended_at), (None, Some(ended)));
    }

    async fn what_sql_can_tell_is_told_by_sql(world: &World) {
        let all = jobs(world).await;
        let read = async |text: &str| world.store.jobs_that_may(&asked(world, Entity::Job, text), None, 1_000).await.expect("answers");
        assert!(read("status:disabled").await.len() < all.len());
        assert!(read("not partial:yes and name:x").await.len() < all.len());
        assert_eq!(read("updated<2020-01-01").await, []);
        assert!(read("lastRun>2026-01-01").await.len() < all.len());
        assert_eq!(read("name:none-at-all").await.len(), all.len());
        let newest = world.store.jobs_that_may(&asked(world, Entity::Job, ""), None, 2).await.expect("answers");
        assert_eq!(newest, all[..2]);
        assert_eq!(world.store.jobs_that_may(&asked(world, Entity::Job, ""), Some(all[1].id), 2).await.expect("answers"), all[2..4]);
        let ids: Vec<JobId> = all[..3].iter().map(|job| job.id).collect();
        let by_id: BTreeSet<JobId> = world.store.jobs_by_id(&ids).await.expect("answers").into_iter().map(|job| job.id).collect();
        assert_eq!(by_id, ids.iter().copied().collect());
        let every: Vec<JobId> = all.iter().map(|job| job.id).collect();
        let last: HashMap<JobId, RunRecord> = world.store.last_runs().await.expect("answers");
        assert_eq!(world.store.last_runs_of(&every).await.expect("answers"), last);

        let entries = audit(world).await.len();
        let read = async |text: &str| world.store.audit_that_may(&asked(world, Entity::Audit, text), NEWEST, None, 1_000).await.expect("answers").len();
        assert!((1..entries).contains(&read("action:user.create").await));
        assert!((1..entries).contains(&read("from:10.0").await));
        assert_eq!(read("from:`not an address \u{0}`").await, 0);
    }

    async fn hostile_queries_are_answered(world: &World) {
        audit(world).await;
        runs(world).await;
        let deep = format!("{}action:user.create{}", "not (from:`local` or ".repeat(20), ")".repeat(20));
        let nested = format!("{}action:x{}", "(action:y and (action:z or ".repeat(30), "))".repeat(30));
        let wide = (0..1_900).map(|number| format!("from:`{number}`")).collect::<Vec<_>>().join(" or ");
        let list = format!("action:[{}]", (0..1_000).map(|number| format!("a{number}")).collect::<Vec<_>>().join(", "));
        let few = (0..190).map(|number| format!("at>2026-01-01T00:00:00.{number:03}Z")).collect::<Vec<_>>().join(" or ");
        let mut answered = 0;
        for text in [deep, nested, wide, list, few, "action:%*_".to_owned(), "action:`\u{0}`".to_owned()] {
            // Some are refused by the language already.
            let Ok(query) = fettle_query::check(Entity::Audit, &text, &context(world)) else { continue };
            world.store.audit_that_may(&query, NEWEST, None, 10).await.expect("answers");
            world.store.count_audit(&query).await.expect("answers");
            answered += 1;
        }
        assert!(answered >= 5, "{answered}");
        let wide = (0..190).map(|number| format!("asset.agent.id:`{number}` status:failed")).collect::<Vec<_>>().join(" or ");
        let query = fettle_query::check(Entity::Result, &wide, &context(world)).expect("a query");
        world.store.results_that_may(query, Jobs::All, RunOrder::NewestFirst, None).next().await.expect("answers");
    }
}
