//! `GET /api/v1/assets`

use super::convert::Rows;
use super::query::DEFAULT_SORT;
use crate::api::assets::query::AssetQuery;
use crate::api::assets::row::AssetRow;
use crate::api::cursor;
use crate::api::extract::{Json, Query};
use crate::api::page::Listed;
use crate::api::problem::Problem;
use crate::api::query::order::Order;
use crate::auth::{Granted, permission};

/// Assets in scope.
#[utoipa::path(
    get,
    path = "/assets",
    tag = "assets",
    operation_id = "list_assets",
    params(AssetQuery),
    responses((status = 200, description = "One page.", body = Listed<AssetRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_assets(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<AssetQuery>,
) -> Result<Json<Listed<AssetRow>>, Problem> {
    let order = Order::asked(query.sort.as_ref(), DEFAULT_SORT)?;
    let after = cursor::read_fleet(query.cursor.as_deref(), order.named)?;
    let chosen = query.boxes().choose(&granted)?;
    let rows = Rows::new(granted.app(), chosen.at()).await?;
    let mut page = chosen.assets.page(order.sorted, after.as_ref(), query.limit.get()).map_err(order.refused())?;
    let next = cursor::write_fleet(page.next.take(), order.named);
    Ok(Json(chosen.listed(page, next, |row| rows.row(&row))))
}
