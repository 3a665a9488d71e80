//! `GET /api/v1/patches/facets`

use axum::response::Response;
use crate::api::extract::Query;
use crate::api::patches::query::PatchQuery;
use crate::api::patches::row::PatchFacets;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Counts of patches by category, severity, release and kind.
#[utoipa::path(
    get,
    path = "/patches/facets",
    tag = "patches",
    operation_id = "show_patch_facets",
    params(PatchQuery),
    responses((status = 200, description = "The counts.", body = PatchFacets)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_patch_facets(granted: Granted<permission::ViewFleet>, Query(query): Query<PatchQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
