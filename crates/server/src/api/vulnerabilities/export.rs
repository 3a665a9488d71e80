//! `GET /api/v1/vulnerabilities/export`

use super::list::{VulnerabilityFilterQuery, VulnerabilityQuery, chosen, place, sort};
use super::row::VulnerabilityListRow;
use crate::api::export;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use axum::response::Response;

const COLUMNS: &[&str] = &[
    "id",
    "title",
    "cvss",
    "cvss_vector",
    "epss",
    "known_exploited",
    "known_exploited_added",
    "known_exploited_due",
    "ransomware",
    "patches",
    "missing",
];

/// All vulnerabilities that are asked for, as CSV.
#[utoipa::path(
    get,
    path = "/vulnerabilities/export",
    tag = "vulnerabilities",
    operation_id = "export_vulnerabilities",
    params(VulnerabilityFilterQuery),
    responses((status = 200, description = "One line per vulnerability.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn export_vulnerabilities(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<VulnerabilityFilterQuery>,
) -> Result<Response, Problem> {
    let query: VulnerabilityQuery = query.into();
    let sort = sort(&query);
    let mut rows = chosen(&granted, &query).await?;
    rows.sort_by_cached_key(|row| place(row, sort.by));
    if sort.descending {
        rows.reverse();
    }
    Ok(export::csv("vulnerabilities", COLUMNS, rows.into_iter(), line))
}

fn line(row: &VulnerabilityListRow) -> Vec<String> {
    let VulnerabilityListRow { row, patches, missing } = row;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        row.id.clone(),
        text(&row.title),
        text(&row.cvss.map(|score| format!("{score:.1}"))),
        text(&row.cvss_vector),
        text(&row.epss.map(|score| score.to_string())),
        row.known_exploited.to_string(),
        text(&row.known_exploited_added.map(|day| day.to_string())),
        text(&row.known_exploited_due.map(|day| day.to_string())),
        row.ransomware.to_string(),
        patches.to_string(),
        missing.to_string(),
    ]
}
