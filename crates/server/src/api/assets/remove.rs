//! `DELETE /api/v1/assets/{id}`

use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::index;
use axum::http::StatusCode;
use fettle_model::ids::AssetId;

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
pub(super) async fn remove_asset(granted: Granted<permission::RemoveAsset>, Path(id): Path<AssetId>) -> Result<StatusCode, Problem> {
    let before = granted.asset(id)?;
    let app = granted.app();
    let audit = granted.audit("asset.remove", format!("asset {id}")).before(&before.card.name);
    app.store.remove_asset(id, &audit).await?;
    index::refresh(app, id).await?;
    // Its agent learns at once that it is not welcome any more.
    app.nudges.wake(id);
    Ok(StatusCode::NO_CONTENT)
}
