//! `DELETE /api/v1/assets/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;
use uuid::Uuid;

/// Removes an asset and revokes its agent.
#[utoipa::path(
    delete,
    path = "/assets/{id}",
    tag = "assets",
    operation_id = "remove_asset",
    params(("id" = Uuid, Path, description = "Id of the asset.")),
    responses((status = 204, description = "Removed.")),
    extensions(("x-permission" = json!("asset.remove"))),
)]
pub(super) async fn remove_asset(granted: Granted<permission::RemoveAsset>, Path(id): Path<AssetId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
