//! `GET /api/v1/vulnerabilities/{cve}`

use super::missing::Missing;
use super::row::{VulnerabilityDetail, row};
use crate::api::extract::{Json, Path};
use crate::api::patches::convert;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use crate::locations::Locations;
use fettle_fleet::Entry;
use fettle_model::vulnerability::{Description, VulnerabilityFacts, is_cve};
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
    let app = granted.app();
    let said = app.store.facts(std::slice::from_ref(&cve)).await?.pop();
    let view = granted.view();
    let table = app.vulnerabilities.of(app, view.catalog()).await?;
    let known = table.get(&cve);
    if said.is_none() && known.is_none() {
        return Err(Problem::not_found("vulnerability"));
    }
    let missing = known.map_or(Ok(0), |known| Missing::new(&view, app.clock.now()).of(known))?;
    let fixes = known.map_or(&[][..], |known| &known.patches);
    let mut fixes: Vec<&Arc<Entry>> = fixes.iter().filter_map(|&no| view.catalog().get(no)).collect();
    fixes.sort_by_key(|entry| (Reverse(entry.patch.published_at), &entry.patch.id));
    let total = u64::try_from(fixes.len()).unwrap_or(u64::MAX);
    let locations = Locations::now(app).await?;
    let shown = fixes.into_iter().take(MOST).filter_map(|entry| view.patch(&entry.patch.id));
    let patches = shown.map(|patch| convert::row(&patch, &locations)).collect();
    let mut facts = said.unwrap_or_else(|| VulnerabilityFacts { cve, ..VulnerabilityFacts::default() });
    let Description { modified, published, details, references } = facts.description.take().map(|text| *text).unwrap_or_default();
    Ok(Json(VulnerabilityDetail {
        row: row(facts),
        details: Some(details).filter(|details| !details.is_empty()),
        published_at: published,
        modified_at: modified,
        references,
        missing,
        patches,
        total,
    }))
}
