//! The questions as SQL over a normalised schema: a row for each finding.

use crate::questions::Sql;
use fettle_sim::synthetic::questions::{
    Asked, MANY_MISSING, OLD_DAYS, OTHER_TAG, OVERDUE_DAYS, SEEN_DAYS, SITE, Subjects, TAG, UNSEEN_DAYS,
};
use jiff::Timestamp;

/// The schema whose tables are exported.
pub(crate) struct Normalised;

const MISSING: &str = "select 1 from findings f join patches p on p.id = f.patch where f.asset = a.id and f.missing";
const INSTALLED: &str = "select 1 from findings f join patches p on p.id = f.patch where f.asset = a.id and not f.missing";
const WINDOWS: &str = "a.os in (select id from os where family = 'windows')";

fn tagged(tags: &[&str]) -> String {
    let tags = tags.join("', '");
    format!("exists (select 1 from asset_tags x join tags t on t.id = x.tag where x.asset = a.id and t.name in ('{tags}'))")
}

impl Sql for Normalised {
    fn assets(&self) -> &'static str {
        "assets"
    }

    fn condition(&self, asked: Asked, about: &Subjects, now: Timestamp) -> String {
        let (a, c, d) = (&about.a.kb, &about.c.kb, &about.d.kb);
        let ago = |days: i64| format!("timestamptz '{now}' - interval '{days} days'");
        let tag = tagged(&[TAG]);
        match asked {
            Asked::Os => WINDOWS.to_owned(),
            Asked::OsTag => format!("{WINDOWS} and {tag}"),
            Asked::MissingCritical => format!("exists ({MISSING} and p.severity = 4)"),
            Asked::MissingExploited => format!("exists ({MISSING} and p.kev)"),
            Asked::MissingPatch => format!("exists ({MISSING} and p.kb = '{a}')"),
            Asked::Flagship => format!(
                "{WINDOWS} and {tag} and exists ({MISSING} and p.severity = 4) and exists ({MISSING} and p.kev) and a.known \
                 and not exists ({MISSING} and p.kb = '{a}')"
            ),
            Asked::SamePatch => format!("exists ({MISSING} and p.severity = 4 and p.kev and p.published < {})", ago(OLD_DAYS)),
            Asked::Cve => format!("exists ({MISSING} and p.id in (select patch from patch_cves where cve = '{}'))", about.cve),
            Asked::SeenAndCount => format!(
                "a.last_seen > {} and (select count(*) from findings f where f.asset = a.id and f.missing) >= {MANY_MISSING}",
                ago(SEEN_DAYS)
            ),
            Asked::OsNotCritical => {
                format!("a.os = (select id from os where name = '{}') and a.known and not exists ({MISSING} and p.severity = 4)", about.os)
            }
            Asked::Installed => format!(
                "exists ({INSTALLED} and p.kb = '{c}') and a.known and not exists ({INSTALLED} and p.kb = '{d}') and {}",
                tagged(&[TAG, OTHER_TAG])
            ),
            Asked::Overdue => format!("exists ({MISSING} and p.severity >= 3 and p.published < {})", ago(OVERDUE_DAYS)),
            Asked::Site => format!("{} and exists ({MISSING} and p.kev) and a.last_seen < {}", tagged(&[SITE]), ago(UNSEEN_DAYS)),
        }
    }

    fn facets(&self, condition: &str) -> Vec<String> {
        vec![
            format!("select o.name, count(*) from assets a join os o on o.id = a.os where {condition} group by 1"),
            format!("select x.tag, count(*) from assets a join asset_tags x on x.asset = a.id where {condition} group by 1"),
            format!(
                "select p.severity, count(distinct a.id) from assets a join findings f on f.asset = a.id \
                 join patches p on p.id = f.patch where f.missing and {condition} group by 1"
            ),
        ]
    }

    fn top(&self, condition: Option<&str>) -> Vec<String> {
        let within = condition.map(|condition| format!(" and f.asset in (select a.id from assets a where {condition})"));
        let within = within.unwrap_or_default();
        vec![format!("select f.patch, count(*) from findings f where f.missing{within} group by 1 order by 2 desc, 1 limit 20")]
    }

    fn page(&self, condition: &str) -> Vec<String> {
        vec![format!(
            "select a.id, (select count(*) from findings f join patches p on p.id = f.patch where f.asset = a.id and f.missing \
             and p.severity = 4) n from assets a where {condition} order by 2 desc, 1 limit 50"
        )]
    }

    fn dashboard(&self) -> Vec<String> {
        let severities = "select p.severity, count(distinct f.asset), count(*) from findings f join patches p on p.id = f.patch \
                          where f.missing group by 1";
        let exposed = format!("select count(*) from assets a where exists ({MISSING} and p.kev)");
        let all = ["select a.os, count(*) from assets a group by 1", severities, &exposed];
        all.into_iter().map(str::to_owned).chain(self.top(None)).collect()
    }
}
