//! `GET /api/v1/patches/{id}`

use super::convert;
use crate::api::assets::row::PatchRef;
use crate::api::extract::{Json, Path};
use crate::api::patches::row::PatchDetail;
use crate::api::problem::Problem;
use crate::api::vulnerabilities;
use crate::auth::{Granted, permission};
use crate::locations::Locations;
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::vulnerability::VulnerabilityFacts;
use std::collections::HashMap;

/// One patch.
#[utoipa::path(
    get,
    path = "/patches/{id}",
    tag = "patches",
    operation_id = "show_patch",
    params(("id" = String, Path, description = "Id of the patch, percent-encoded.")),
    responses((status = 200, description = "The patch.", body = PatchDetail)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_patch(granted: Granted<permission::ViewFleet>, Path(id): Path<PatchId>) -> Result<Json<PatchDetail>, Problem> {
    let locations = Locations::now(granted.app()).await?;
    let view = granted.view();
    let row = view.patch(&id).ok_or_else(|| Problem::not_found("patch"))?;
    let named = |numbers: &[PatchNo]| {
        let entries = numbers.iter().filter_map(|&no| view.catalog().get(no));
        entries.map(|entry| PatchRef { id: entry.patch.id.clone(), title: entry.patch.title.clone() }).collect()
    };
    let patch = &row.entry.patch;
    let mut said: HashMap<String, VulnerabilityFacts> =
        granted.app().store.facts(&patch.cves).await?.into_iter().map(|facts| (facts.cve.clone(), facts)).collect();
    let vulnerability = |cve: &String| {
        let facts = said.remove(cve).unwrap_or_else(|| VulnerabilityFacts { cve: cve.clone(), ..VulnerabilityFacts::default() });
        vulnerabilities::row::row(facts)
    };
    let vulnerabilities = patch.cves.iter().map(vulnerability).collect();
    Ok(Json(PatchDetail {
        row: convert::row(&row, &locations),
        description: patch.description.clone(),
        advisory_url: patch.advisory_url.clone(),
        products: patch.products.clone(),
        supersedes: named(&row.entry.supersedes),
        superseded_by: named(&row.entry.superseded_by),
        packages: convert::packages(patch),
        vulnerabilities,
        source: patch.source.clone(),
        modified_at: patch.modified_at,
    }))
}
