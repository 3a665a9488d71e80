//! The questions: in the language, and as SQL for the reference in the same run.

use crate::measure::{Times, times};
use fettle_fleet::{Fleet, ScopedView, Sorted};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::UserId;
use fettle_query::registry::AssetField;
use fettle_query::{Checked, Context, Entity, check};
use fettle_sim::synthetic::Synthetic;
use jiff::tz::TimeZone;
use serde_json::json;
use std::collections::HashMap;
use std::time::Instant;

/// A count of assets: its name, the query, and the condition on `assets a` that means the same.
struct Question {
    name: &'static str,
    query: String,
    sql: String,
}

/// Patches and names that the questions are about.
struct Chosen {
    a: String,
    c: String,
    d: String,
    cve: String,
    os: String,
    now: String,
}

fn choose(made: &Synthetic) -> Chosen {
    let kb = |nth: usize| {
        let patch = made.widespread(0, nth).or(made.widespread(0, 0)).expect("a patch");
        patch.scores.kb.clone().expect("made with one")
    };
    let mut cves: HashMap<&str, usize> = HashMap::new();
    for entry in made.catalog().entries() {
        entry.patch.cves.iter().for_each(|cve| *cves.entry(cve).or_default() += 1);
    }
    let cve = cves.into_iter().max_by_key(|&(cve, count)| (count, cve)).expect("patches fix something").0;
    let os = made.systems().get(12).or(made.systems().first()).expect("a system").name.clone();
    Chosen { a: kb(40), c: kb(10), d: kb(60), cve: cve.to_owned(), os, now: made.now().to_string() }
}

const MISSING: &str = "select 1 from findings f join patches p on p.id = f.patch where f.asset = a.id and f.missing";
const INSTALLED: &str = "select 1 from findings f join patches p on p.id = f.patch where f.asset = a.id and not f.missing";

fn tagged(tags: &str) -> String {
    format!("exists (select 1 from asset_tags x join tags t on t.id = x.tag where x.asset = a.id and t.name in ({tags}))")
}

fn windows() -> String {
    "a.os in (select id from os where family = 'windows')".to_owned()
}

fn questions(chosen: &Chosen) -> Vec<Question> {
    let Chosen { a, c, d, cve, os, now } = chosen;
    let tag = tagged("'t5'");
    let ago = |days: u32| format!("timestamptz '{now}' - interval '{days} days'");
    let all = [
        ("q01_os", "os.family:windows".to_owned(), windows()),
        ("q02_os_tag", "os.family:windows and tags.name:`t5`".to_owned(), format!("{} and {tag}", windows())),
        ("q03_missing_critical", "missing.severity:critical".to_owned(), format!("exists ({MISSING} and p.severity = 4)")),
        ("q04_missing_kev", "missing.kev:yes".to_owned(), format!("exists ({MISSING} and p.kev)")),
        ("q05_missing_kb", format!("missing.kb:`{a}`"), format!("exists ({MISSING} and p.kb = '{a}')")),
        (
            "q06_flagship",
            format!("os.family:windows and tags.name:`t5` and missing.severity:critical and missing.kev:yes and not missing.kb:`{a}`"),
            format!(
                "{} and {tag} and exists ({MISSING} and p.severity = 4) and exists ({MISSING} and p.kev) and a.known \
                 and not exists ({MISSING} and p.kb = '{a}')",
                windows()
            ),
        ),
        (
            "q07_same_patch",
            "missing:(severity:critical and kev:yes and publishedDate<now-30d)".to_owned(),
            format!("exists ({MISSING} and p.severity = 4 and p.kev and p.published < {})", ago(30)),
        ),
        (
            "q08_cve",
            format!("missing.cve:`{cve}`"),
            format!("exists ({MISSING} and p.id in (select patch from patch_cves where cve = '{cve}'))"),
        ),
        (
            "q09_seen_and_count",
            "lastCheckIn>now-7d and missingCount>=200".to_owned(),
            format!("a.last_seen > {} and (select count(*) from findings f where f.asset = a.id and f.missing) >= 200", ago(7)),
        ),
        (
            "q10_os_not_critical",
            format!("os.name:`{os}` and not missing.severity:critical"),
            format!("a.os = (select id from os where name = '{os}') and a.known and not exists ({MISSING} and p.severity = 4)"),
        ),
        (
            "q11_installed",
            format!("installed.kb:`{c}` and not installed.kb:`{d}` and tags.name:[`t5`, `t6`]"),
            format!(
                "exists ({INSTALLED} and p.kb = '{c}') and a.known and not exists ({INSTALLED} and p.kb = '{d}') and {}",
                tagged("'t5', 't6'")
            ),
        ),
        (
            "q12_overdue",
            "missing:(severity>=important and publishedDate<now-60d)".to_owned(),
            format!("exists ({MISSING} and p.severity >= 3 and p.published < {})", ago(60)),
        ),
        (
            "q13_site",
            "tags.name:`site-17` and missing.kev:yes and lastCheckIn<now-30d".to_owned(),
            format!("{} and exists ({MISSING} and p.kev) and a.last_seen < {}", tagged("'site-17'"), ago(30)),
        ),
    ];
    all.into_iter().map(|(name, query, sql)| Question { name, query, sql }).collect()
}

/// Asks everything; each question cold once, then warm.
pub(crate) fn measure(made: &Synthetic, fleet: &Fleet, seconds: f64) {
    let context = Context { now: made.now(), zone: TimeZone::UTC };
    let actor = Actor::new(UserId(uuid::Uuid::from_u128(1)), Role::PatchReader, Scope::Everything);
    let view = fleet.view().in_scope(&actor).at(made.now());
    let chosen = choose(made);
    let mut selected: HashMap<&str, (Checked, String)> = HashMap::new();
    for question in questions(&chosen) {
        let query = check(Entity::Asset, &question.query, &context).expect("a query");
        let begun = Instant::now();
        let count = view.select(&query).expect("asks for assets").count();
        let cold = begun.elapsed().as_secs_f64() * 1e6;
        let warm = times(seconds, || {
            let selection = view.select(&query).expect("asks for assets");
            (selection.count(), selection.ids().take(50).count())
        });
        let prepare = times(0.0, || check(Entity::Asset, &question.query, &context).expect("a query"));
        let sql = format!("select count(*) from assets a where {}", question.sql);
        print(
            question.name,
            warm,
            &json!({"cold_us": cold, "prepare_us": prepare.median, "count": count, "query": question.query, "sql": [sql]}),
        );
        selected.insert(question.name, (query, question.sql));
    }
    let (q02, q13) = (&selected["q02_os_tag"], &selected["q13_site"]);
    facets(&view, q02, seconds);
    top(&view, "t0_top20_all", None, seconds);
    top(&view, "t1_top20_result", Some(q02), seconds);
    top(&view, "t2_top20_few", Some(q13), seconds);
    sorted(&view, q02, seconds);
    dashboard(&view, seconds);
}

/// Asks one question over and over.
pub(crate) fn measure_one(made: &Synthetic, fleet: &Fleet, name: &str, seconds: f64) {
    let context = Context { now: made.now(), zone: TimeZone::UTC };
    let actor = Actor::new(UserId(uuid::Uuid::from_u128(1)), Role::PatchReader, Scope::Everything);
    let view = fleet.view().in_scope(&actor).at(made.now());
    for question in questions(&choose(made)).into_iter().filter(|question| question.name.starts_with(name)) {
        let query = check(Entity::Asset, &question.query, &context).expect("a query");
        let warm = times(seconds, || {
            let selection = view.select(&query).expect("asks for assets");
            (selection.count(), selection.ids().take(50).count())
        });
        let count = view.select(&query).expect("asks for assets").count();
        print(question.name, warm, &json!({"count": count, "query": question.query}));
    }
}

fn print(name: &str, times: Times, more: &serde_json::Value) {
    println!("{}", json!({"what": "question", "name": name, "median_us": times.median, "p99_us": times.p99, "more": more}));
}

fn facets(view: &ScopedView, (query, condition): &(Checked, String), seconds: f64) {
    let run = || {
        let selection = view.select(query).expect("asks for assets");
        let severities = selection.severity_facet(FindingStatus::Missing);
        (selection.facet(AssetField::OsName), selection.facet(AssetField::Tag), severities)
    };
    let sql = [
        format!("select o.name, count(*) from assets a join os o on o.id = a.os where {condition} group by 1"),
        format!("select x.tag, count(*) from assets a join asset_tags x on x.asset = a.id where {condition} group by 1"),
        format!(
            "select p.severity, count(distinct a.id) from assets a join findings f on f.asset = a.id join patches p on p.id = f.patch \
             where f.missing and {condition} group by 1"
        ),
    ];
    print("f1_facets", times(seconds, run), &json!({"query": query.canonical(), "sql": sql}));
}

fn top(view: &ScopedView, name: &str, question: Option<&(Checked, String)>, seconds: f64) {
    let run = || {
        let selection = match question {
            Some((query, _)) => view.select(query).expect("asks for assets"),
            None => view.everything(),
        };
        selection.top_missing(20, None)
    };
    let within =
        question.map(|(_, condition)| format!(" and f.asset in (select a.id from assets a where {condition})")).unwrap_or_default();
    let sql = format!("select f.patch, count(*) from findings f where f.missing{within} group by 1 order by 2 desc, 1 limit 20");
    print(name, times(seconds, run), &json!({"query": question.map_or("", |(query, _)| query.canonical()), "sql": [sql]}));
}

fn sorted(view: &ScopedView, (query, condition): &(Checked, String), seconds: f64) {
    let run = || {
        let selection = view.select(query).expect("asks for assets");
        selection.page(Sorted::descending(AssetField::MissingCritical), None, 50).expect("sortable").items.len()
    };
    let sql = format!(
        "select a.id, (select count(*) from findings f join patches p on p.id = f.patch where f.asset = a.id and f.missing and p.severity = 4) n \
         from assets a where {condition} order by 2 desc, 1 limit 50"
    );
    print("p1_page_by_count", times(seconds, run), &json!({"query": query.canonical(), "sql": [sql]}));
}

/// What a dashboard shows at once: systems, assets per severity, known-exploited exposure, totals, top patches.
fn dashboard(view: &ScopedView, seconds: f64) {
    let context = Context { now: jiff::Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
    let exposed = check(Entity::Asset, "missing.kev:yes", &context).expect("a query");
    let run = || {
        let everything = view.everything();
        let exposed = view.select(&exposed).expect("asks for assets").count();
        let severities = everything.severity_facet(FindingStatus::Missing);
        (everything.facet(AssetField::OsName), severities, exposed, everything.totals(), everything.top_missing(20, None))
    };
    let severities =
        "select p.severity, count(distinct f.asset), count(*) from findings f join patches p on p.id = f.patch where f.missing group by 1";
    let sql = [
        "select a.os, count(*) from assets a group by 1".to_owned(),
        severities.to_owned(),
        format!("select count(*) from assets a where exists ({MISSING} and p.kev)"),
        "select f.patch, count(*) from findings f where f.missing group by 1 order by 2 desc, 1 limit 20".to_owned(),
    ];
    print("d_dashboard", times(seconds, run), &json!({"query": "", "sql": sql}));
}
