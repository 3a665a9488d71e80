//! `GET /api/v1/vulnerabilities`

use super::missing::Missing;
use super::row::{VulnerabilityListRow, row};
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum VulnerabilityColumn {
        /// Id.
        Id = "id",
        /// CVSS base score.
        Cvss = "cvss",
        /// Probability of exploitation.
        Epss = "epss",
        /// Day by which it is to be fixed.
        Due = "known_exploited_due",
        /// Number of patches that fix it.
        Patches = "patches",
        /// Number of assets that miss one of them.
        Missing = "missing",
    }
}

list_query! {
    /// Which vulnerabilities.
    pub(super) struct VulnerabilityQuery and VulnerabilityFilterQuery sorted by VulnerabilityColumn, as "Column to sort by, with `-` before it for largest first: `id`, `cvss`, `epss`, `known_exploited_due`, `patches`, `missing`; `-missing` when left out." {
        /// Only those that are, or are not, known to be exploited.
        #[param(value_type = Option<bool>)]
        exploited: Option<bool>,
        /// Only those of which an asset in scope misses a patch, or of which none does.
        #[param(value_type = Option<bool>)]
        missing: Option<bool>,
        /// Only those with this CVSS base score or a higher one, 0 to 10.
        #[param(value_type = Option<f64>)]
        min_cvss: Option<f64>,
        /// Only those with this probability of exploitation or a higher one, 0 to 1.
        #[param(value_type = Option<f64>)]
        min_epss: Option<f64>,
    }
}

/// Vulnerabilities that patches of the catalog fix. Text is looked for in ids and titles.
#[utoipa::path(
    get,
    path = "/vulnerabilities",
    tag = "vulnerabilities",
    operation_id = "list_vulnerabilities",
    params(VulnerabilityQuery),
    responses((status = 200, description = "One page.", body = Page<VulnerabilityListRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_vulnerabilities(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<VulnerabilityQuery>,
) -> Result<Json<Page<VulnerabilityListRow>>, Problem> {
    let rows = chosen(&granted, &query).await?;
    let sort = sort(&query);
    cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, |row| place(row, sort.by)).map(Json)
}

pub(super) fn sort(query: &VulnerabilityQuery) -> Sort<VulnerabilityColumn> {
    query.sort.unwrap_or(Sort { by: VulnerabilityColumn::Missing, descending: true })
}

/// What a row is sorted by, and what tells it from all others.
pub(super) fn place(row: &VulnerabilityListRow, by: VulnerabilityColumn) -> (Key, String) {
    let count = |number: u64| Key::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let key = match by {
        VulnerabilityColumn::Id => Key::Number(0),
        VulnerabilityColumn::Cvss => Key::Number(scaled(row.row.cvss, 10.0)),
        VulnerabilityColumn::Epss => Key::Number(scaled(row.row.epss, 1_000_000.0)),
        VulnerabilityColumn::Due => Key::text(&row.row.known_exploited_due.map(|day| day.to_string()).unwrap_or_default()),
        VulnerabilityColumn::Patches => count(row.patches),
        VulnerabilityColumn::Missing => count(row.missing),
    };
    (key, in_order(&row.row.id))
}

/// A score as a whole number; what nobody says comes before all others.
#[expect(clippy::cast_possible_truncation, reason = "scores are at most a million when scaled")]
fn scaled(score: Option<f64>, by: f64) -> i64 {
    score.map_or(-1, |score| (score * by).round() as i64)
}

/// An id so that `CVE-2024-9999` comes before `CVE-2024-10000`.
fn in_order(cve: &str) -> String {
    cve.rsplit_once('-').map_or_else(|| cve.to_owned(), |(year, number)| format!("{year}-{number:0>12}"))
}

/// All rows that are asked for.
pub(super) async fn chosen(
    granted: &Granted<permission::ViewFleet>,
    query: &VulnerabilityQuery,
) -> Result<Vec<VulnerabilityListRow>, Problem> {
    for (name, given, most) in [("min_cvss", query.min_cvss, 10.0), ("min_epss", query.min_epss, 1.0)] {
        if given.is_some_and(|least| !(0.0..=most).contains(&least)) {
            return Err(Problem::invalid_field(name, format!("must be a number from 0 to {most}")));
        }
    }
    let view = granted.view();
    let table = granted.app().vulnerabilities.of(granted.app(), view.catalog()).await?;
    let text = query.q.get().map(str::to_lowercase);
    let mut missing = Missing::new(&view, granted.app().clock.now());
    let mut rows = Vec::new();
    for known in table.all() {
        let said = row(known.facts.clone());
        let texts = [Some(&said.id), said.title.as_ref()];
        let has_text = |text: &String| texts.iter().flatten().any(|of| of.to_lowercase().contains(text.as_str()));
        let is_wanted = text.as_ref().is_none_or(has_text)
            && query.exploited.is_none_or(|exploited| exploited == said.known_exploited)
            && query.min_cvss.is_none_or(|least| said.cvss.is_some_and(|score| score >= least))
            && query.min_epss.is_none_or(|least| said.epss.is_some_and(|score| score >= least));
        if !is_wanted {
            continue;
        }
        let count = missing.of(known)?;
        if query.missing.is_none_or(|wanted| wanted == (count > 0)) {
            rows.push(VulnerabilityListRow { row: said, patches: u64::try_from(known.patches.len()).unwrap_or(u64::MAX), missing: count });
        }
    }
    Ok(rows)
}
