//! `GET /api/v1/patches/facets`

use super::convert;
use crate::api::assets::row::facet_values;
use crate::api::extract::{Json, Query};
use crate::api::patches::query::PatchFilterQuery;
use crate::api::patches::row::PatchFacets;
use crate::auth::{Granted, permission};

/// Counts of patches by category, severity, release and kind.
#[utoipa::path(
    get,
    path = "/patches/facets",
    tag = "patches",
    operation_id = "show_patch_facets",
    params(PatchFilterQuery),
    responses((status = 200, description = "The counts.", body = PatchFacets)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_patch_facets(granted: Granted<permission::ViewFleet>, Query(query): Query<PatchFilterQuery>) -> Json<PatchFacets> {
    let facets = granted.view().patch_facets(&convert::filter(query.into()));
    Json(PatchFacets {
        // Every patch has exactly one category.
        total: facets.category.values().sum(),
        category: facet_values(facets.category),
        severity: facet_values(facets.severity),
        release: facet_values(facets.release),
        kind: facet_values(facets.kind),
    })
}
