//! `GET /api/v1/assets/export`

use axum::response::Response;
use crate::api::assets::query::AssetQuery;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// All assets that the filters choose, as CSV.
#[utoipa::path(
    get,
    path = "/assets/export",
    tag = "assets",
    operation_id = "export_assets",
    params(AssetQuery),
    responses((status = 200, description = "One line per asset.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn export_assets(granted: Granted<permission::ViewFleet>, Query(query): Query<AssetQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
