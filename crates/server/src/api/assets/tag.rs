//! `PUT /api/v1/assets/{id}/tags`

use axum::response::Response;
use crate::api::assets::row::AssetRow;
use crate::api::assets::row::AssetTags;
use crate::api::extract::Json;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;
use uuid::Uuid;

/// Replaces the tags of an asset.
#[utoipa::path(
    put,
    path = "/assets/{id}/tags",
    tag = "assets",
    operation_id = "tag_asset",
    params(("id" = Uuid, Path, description = "Id of the asset.")),
    request_body = AssetTags,
    responses((status = 200, description = "The asset, as it is now.", body = AssetRow)),
    extensions(("x-permission" = json!("asset.operate"))),
)]
pub(super) async fn tag_asset(granted: Granted<permission::OperateAsset>, Path(id): Path<AssetId>, Json(body): Json<AssetTags>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
