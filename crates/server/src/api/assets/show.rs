//! `GET /api/v1/assets/{id}`

use axum::response::Response;
use crate::api::assets::row::AssetDetail;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;
use uuid::Uuid;

/// One asset.
#[utoipa::path(
    get,
    path = "/assets/{id}",
    tag = "assets",
    operation_id = "show_asset",
    params(("id" = Uuid, Path, description = "Id of the asset.")),
    responses((status = 200, description = "The asset.", body = AssetDetail)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_asset(granted: Granted<permission::ViewFleet>, Path(id): Path<AssetId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
