//! `POST /api/v1/assets/{id}/scan`

use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use crate::index;
use axum::http::StatusCode;
use fettle_model::ids::AssetId;

/// Asks the agent to scan now.
#[utoipa::path(
    post,
    path = "/assets/{id}/scan",
    tag = "assets",
    operation_id = "scan_asset",
    params(("id" = Uuid, Path, description = "Id of the asset.")),
    responses((status = 202, description = "The agent scans as soon as it is online.")),
    extensions(("x-permission" = json!("asset.operate"))),
)]
pub(super) async fn scan_asset(granted: Granted<permission::OperateAsset>, Path(id): Path<AssetId>) -> Result<StatusCode, Problem> {
    granted.asset(id)?;
    let app = granted.app();
    app.store.request_scan(id, &granted.audit("asset.scan", format!("asset {id}"))).await?;
    index::refresh(app, id).await?;
    app.nudges.wake(id);
    Ok(StatusCode::ACCEPTED)
}
