//! `GET /api/v1/assets`

use axum::response::Response;
use crate::api::assets::query::AssetQuery;
use crate::api::assets::row::AssetRow;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Assets in scope.
#[utoipa::path(
    get,
    path = "/assets",
    tag = "assets",
    operation_id = "list_assets",
    params(AssetQuery),
    responses((status = 200, description = "One page.", body = Page<AssetRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_assets(granted: Granted<permission::ViewFleet>, Query(query): Query<AssetQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
