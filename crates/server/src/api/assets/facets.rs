//! `GET /api/v1/assets/facets`

use axum::response::Response;
use crate::api::assets::query::AssetQuery;
use crate::api::assets::row::AssetFacets;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Counts of assets by operating system, tag and scan status.
#[utoipa::path(
    get,
    path = "/assets/facets",
    tag = "assets",
    operation_id = "show_asset_facets",
    params(AssetQuery),
    responses((status = 200, description = "The counts.", body = AssetFacets)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_asset_facets(granted: Granted<permission::ViewFleet>, Query(query): Query<AssetQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
