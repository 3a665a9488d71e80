//! The questions: in the language, and as SQL for the references in the same run.

use crate::measure::{Times, times};
use crate::normalised::Normalised;
use crate::tuned::Tuned;
use fettle_fleet::{Fleet, ScopedView, Sorted};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::UserId;
use fettle_query::registry::AssetField;
use fettle_query::{Checked, Context, Entity, check};
use fettle_sim::synthetic::Synthetic;
use fettle_sim::synthetic::questions::{Asked, Subjects};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::time::Instant;

/// A schema in which the questions can be asked. Assets are `a` in every condition.
pub(crate) trait Sql {
    /// The table of assets.
    fn assets(&self) -> &'static str;
    /// The condition on assets that means the same as a question.
    fn condition(&self, asked: Asked, about: &Subjects, now: Timestamp) -> String;
    /// Assets per system, tag and severity of what they miss.
    fn facets(&self, condition: &str) -> Vec<String>;
    /// The twenty patches that most assets miss.
    fn top(&self, condition: Option<&str>) -> Vec<String>;
    /// The fifty assets that miss most critical patches.
    fn page(&self, condition: &str) -> Vec<String>;
    /// Everything a dashboard shows.
    fn dashboard(&self) -> Vec<String>;
}

/// Asks the fleet, and says how the two schemas would be asked.
struct Asking<'a> {
    made: &'a Synthetic,
    about: Subjects,
    view: ScopedView,
    seconds: f64,
}

/// Asks those of the questions about assets whose names begin so, over and over.
pub(crate) fn measure_one(made: &Synthetic, fleet: &Fleet, name: &str, seconds: f64) {
    let asking = Asking::new(made, fleet, seconds);
    Asked::ALL.into_iter().filter(|asked| asked.name().starts_with(name)).for_each(|asked| asking.assets(asked));
}

/// Asks everything; each question cold once, then warm.
pub(crate) fn measure(made: &Synthetic, fleet: &Fleet, seconds: f64) {
    let asking = Asking::new(made, fleet, seconds);
    Asked::ALL.into_iter().for_each(|asked| asking.assets(asked));
    asking.facets();
    asking.top("t0_top20_all", None);
    asking.top("t1_top20_result", Some(Asked::OsTag));
    asking.top("t2_top20_few", Some(Asked::Site));
    asking.sorted();
    asking.dashboard();
}

impl<'a> Asking<'a> {
    fn new(made: &'a Synthetic, fleet: &Fleet, seconds: f64) -> Self {
        let actor = Actor::new(UserId(uuid::Uuid::from_u128(1)), Role::PatchReader, Scope::Everything);
        let view = fleet.view().in_scope(&actor).at(made.now());
        Self { made, about: made.subjects().expect("there are patches"), view, seconds }
    }

    fn query(&self, asked: Asked) -> Checked {
        check(Entity::Asset, &asked.query(&self.about), &self.context()).expect("a query")
    }

    fn context(&self) -> Context {
        Context { now: self.made.now(), zone: TimeZone::UTC }
    }

    /// Prints a line; the same is said in SQL for both schemas.
    fn print(&self, name: &str, times: Times, more: &Value, sql: impl Fn(&dyn Sql) -> Vec<String>) {
        let (normalised, tuned) = (sql(&Normalised), sql(&Tuned(self.made)));
        println!(
            "{}",
            json!({"what": "question", "name": name, "median_us": times.median, "p99_us": times.p99, "more": more,
                "normalised": normalised, "tuned": tuned})
        );
    }

    fn condition(&self, sql: &dyn Sql, asked: Asked) -> String {
        sql.condition(asked, &self.about, self.made.now())
    }

    fn assets(&self, asked: Asked) {
        let query = self.query(asked);
        let begun = Instant::now();
        let count = self.view.select(&query).expect("asks for assets").count();
        let cold = begun.elapsed().as_secs_f64() * 1e6;
        let warm = times(self.seconds, || {
            let selection = self.view.select(&query).expect("asks for assets");
            (selection.count(), selection.ids().take(50).count())
        });
        let prepare = times(0.0, || self.query(asked));
        let more = json!({"cold_us": cold, "prepare_us": prepare.median, "count": count, "query": query.canonical()});
        self.print(asked.name(), warm, &more, |sql| {
            let from = sql.assets();
            vec![format!("select count(*) from {from} a where {}", self.condition(sql, asked))]
        });
    }

    fn facets(&self) {
        let query = self.query(Asked::OsTag);
        let run = || {
            let selection = self.view.select(&query).expect("asks for assets");
            let severities = selection.severity_facet(FindingStatus::Missing);
            (selection.facet(AssetField::OsName), selection.facet(AssetField::Tag), severities)
        };
        let more = json!({"query": query.canonical()});
        self.print("f1_facets", times(self.seconds, run), &more, |sql| sql.facets(&self.condition(sql, Asked::OsTag)));
    }

    fn top(&self, name: &str, within: Option<Asked>) {
        let query = within.map(|asked| self.query(asked));
        let run = || {
            let selection = match &query {
                Some(query) => self.view.select(query).expect("asks for assets"),
                None => self.view.everything(),
            };
            selection.top_missing(20, None)
        };
        let more = json!({"query": query.as_ref().map(|query| query.canonical())});
        self.print(name, times(self.seconds, run), &more, |sql| {
            let condition = within.map(|asked| self.condition(sql, asked));
            sql.top(condition.as_deref())
        });
    }

    fn sorted(&self) {
        let query = self.query(Asked::OsTag);
        let run = || {
            let selection = self.view.select(&query).expect("asks for assets");
            selection.page(Sorted::descending(AssetField::MissingCritical), None, 50).expect("sortable").items.len()
        };
        let more = json!({"query": query.canonical()});
        self.print("p1_page_by_count", times(self.seconds, run), &more, |sql| sql.page(&self.condition(sql, Asked::OsTag)));
    }

    /// What a dashboard shows at once: systems, assets per severity, known-exploited exposure, totals, top patches.
    fn dashboard(&self) {
        let exposed = self.query(Asked::MissingExploited);
        let run = || {
            let everything = self.view.everything();
            let exposed = self.view.select(&exposed).expect("asks for assets").count();
            let severities = everything.severity_facet(FindingStatus::Missing);
            (everything.facet(AssetField::OsName), severities, exposed, everything.totals(), everything.top_missing(20, None))
        };
        self.print("d_dashboard", times(self.seconds, run), &json!({}), |sql| sql.dashboard());
    }
}
