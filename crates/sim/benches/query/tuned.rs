//! The questions as SQL over one wide table: arrays with inverted indexes, and counters kept with each asset.

use crate::questions::Sql;
use fettle_sim::synthetic::Synthetic;
use fettle_sim::synthetic::questions::{
    Asked, MANY_MISSING, OLD_DAYS, OTHER_TAG, OVERDUE_DAYS, SEEN_DAYS, SITE, Subjects, TAG, UNSEEN_DAYS,
};
use jiff::Timestamp;

/// The schema that somebody makes who knows which questions will come. Patches and tags are written as their numbers,
/// which spares the planner joins.
pub(crate) struct Tuned<'a>(pub(crate) &'a Synthetic);

/// Counters by severity, lowest first.
const SEVERITIES: [&str; 5] = ["missing_none", "missing_low", "missing_moderate", "missing_important", "missing_critical"];

impl Tuned<'_> {
    fn tags(&self, names: &[&str]) -> String {
        let ids = self.0.tags().iter().filter(|tag| names.contains(&tag.name.as_str())).map(|tag| tag.id.0.as_u128().to_string());
        format!("array[{}]", ids.collect::<Vec<_>>().join(","))
    }

    fn system(&self, name: &str) -> usize {
        self.0.systems().iter().position(|system| system.name == name).unwrap_or(0)
    }
}

impl Sql for Tuned<'_> {
    fn assets(&self) -> &'static str {
        "wide"
    }

    fn condition(&self, asked: Asked, about: &Subjects, now: Timestamp) -> String {
        let (a, c, d) = (about.a.no.0, about.c.no.0, about.d.no.0);
        let ago = |days: i64| format!("timestamptz '{now}' - interval '{days} days'");
        let any = |patches: String| format!("a.missing && array(select {patches})");
        let os_tag = format!("a.family = 'windows' and a.tags @> {}", self.tags(&[TAG]));
        match asked {
            Asked::Os => "a.family = 'windows'".to_owned(),
            Asked::OsTag => os_tag,
            Asked::MissingCritical => "a.missing_critical > 0".to_owned(),
            Asked::MissingExploited => "a.missing_exploited > 0".to_owned(),
            Asked::MissingPatch => format!("a.missing @> array[{a}]"),
            Asked::Flagship => {
                format!("{os_tag} and a.missing_critical > 0 and a.missing_exploited > 0 and a.known and not a.missing @> array[{a}]")
            }
            Asked::SamePatch => any(format!("id from patches where severity = 4 and kev and published < {}", ago(OLD_DAYS))),
            Asked::Cve => any(format!("patch from patch_cves where cve = '{}'", about.cve)),
            Asked::SeenAndCount => format!("a.last_seen > {} and a.missing_count >= {MANY_MISSING}", ago(SEEN_DAYS)),
            Asked::OsNotCritical => format!("a.os = {} and a.known and a.missing_critical = 0", self.system(&about.os)),
            Asked::Installed => format!(
                "a.installed @> array[{c}] and a.known and not a.installed @> array[{d}] and a.tags && {}",
                self.tags(&[TAG, OTHER_TAG])
            ),
            Asked::Overdue => any(format!("id from patches where severity >= 3 and published < {}", ago(OVERDUE_DAYS))),
            Asked::Site => {
                format!("a.tags @> {} and a.missing_exploited > 0 and a.last_seen < {}", self.tags(&[SITE]), ago(UNSEEN_DAYS))
            }
        }
    }

    fn facets(&self, condition: &str) -> Vec<String> {
        let severities = SEVERITIES.map(|counter| format!("count(*) filter (where a.{counter} > 0)")).join(", ");
        vec![
            format!("select a.os, count(*) from wide a where {condition} group by 1"),
            format!("select tag, count(*) from wide a, unnest(a.tags) tag where {condition} group by 1"),
            format!("select {severities} from wide a where {condition}"),
        ]
    }

    fn top(&self, condition: Option<&str>) -> Vec<String> {
        let condition = condition.unwrap_or("true");
        vec![format!(
            "select patch, count(*) from wide a, unnest(a.missing) patch where {condition} group by 1 order by 2 desc, 1 limit 20"
        )]
    }

    fn page(&self, condition: &str) -> Vec<String> {
        vec![format!("select a.id, a.missing_critical from wide a where {condition} order by 2 desc, 1 limit 50")]
    }

    fn dashboard(&self) -> Vec<String> {
        let assets = SEVERITIES.map(|counter| format!("count(*) filter (where a.{counter} > 0), sum(a.{counter})")).join(", ");
        let all = [
            "select a.os, count(*) from wide a group by 1".to_owned(),
            format!("select {assets} from wide a"),
            "select count(*) from wide a where a.missing_exploited > 0".to_owned(),
        ];
        all.into_iter().chain(self.top(None)).collect()
    }
}
