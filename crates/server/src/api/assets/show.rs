//! `GET /api/v1/assets/{id}`

use super::convert::{self, Rows};
use crate::api::assets::row::AssetDetail;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;

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
pub(super) async fn show_asset(granted: Granted<permission::ViewFleet>, Path(id): Path<AssetId>) -> Result<Json<AssetDetail>, Problem> {
    let row = granted.asset(id)?;
    let app = granted.app();
    let rows = Rows::new(app, granted.now()).await?;
    let record = app.store.asset(id).await?.ok_or_else(|| Problem::not_found("asset"))?;
    let inventory = app.store.inventory(id).await?;
    Ok(Json(AssetDetail {
        row: rows.row(&row),
        created_at: record.created_at,
        machine_id: record.machine_id,
        inventory: inventory.map(|inventory| convert::inventory(inventory, record.scan.volatile)),
    }))
}
