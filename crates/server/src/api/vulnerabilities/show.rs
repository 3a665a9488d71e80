//! `GET /api/v1/vulnerabilities/{cve}`

use super::row::{VulnerabilityDetail, row};
use crate::api::extract::{Json, Path};
use crate::api::patches::convert;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use crate::locations::Locations;
use fettle_fleet::Entry;
use fettle_model::vulnerability::{VulnerabilityFacts, is_cve};
use std::cmp::Reverse;
use std::sync::Arc;

/// Most patches of one answer. One vulnerability is fixed by a handful for each release, architecture and product.
const MOST: usize = 1_000;

/// One vulnerability: what is said of it, and which patches fix it.
#[utoipa::path(
    get,
    path = "/vulnerabilities/{cve}",
    tag = "vulnerabilities",
    operation_id = "show_vulnerability",
    params(("cve" = String, Path, description = "CVE id, such as `CVE-2024-21412`; in any case.")),
    responses((status = 200, description = "The vulnerability.", body = VulnerabilityDetail)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_vulnerability(
    granted: Granted<permission::ViewFleet>,
    Path(cve): Path<String>,
) -> Result<Json<VulnerabilityDetail>, Problem> {
    let cve = cve.to_ascii_uppercase();
    if !is_cve(&cve) {
        return Err(Problem::not_found("vulnerability"));
    }
    let said = granted.app().store.facts(std::slice::from_ref(&cve)).await?.pop();
    let view = granted.view();
    let mut fixes: Vec<&Arc<Entry>> = view.catalog().entries().filter(|entry| entry.patch.cves.contains(&cve)).collect();
    if said.is_none() && fixes.is_empty() {
        return Err(Problem::not_found("vulnerability"));
    }
    fixes.sort_by_key(|entry| (Reverse(entry.patch.published_at), &entry.patch.id));
    let total = u64::try_from(fixes.len()).unwrap_or(u64::MAX);
    let locations = Locations::now(granted.app()).await?;
    let shown = fixes.into_iter().take(MOST).filter_map(|entry| view.patch(&entry.patch.id));
    let patches = shown.map(|patch| convert::row(&patch, &locations)).collect();
    let facts = said.unwrap_or_else(|| VulnerabilityFacts { cve, ..VulnerabilityFacts::default() });
    Ok(Json(VulnerabilityDetail { row: row(facts), patches, total }))
}
