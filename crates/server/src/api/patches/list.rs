//! `GET /api/v1/patches`

use super::convert;
use super::query::DEFAULT_SORT;
use crate::api::cursor;
use crate::api::extract::{Json, Query};
use crate::api::page::Listed;
use crate::api::patches::query::PatchQuery;
use crate::api::patches::row::PatchRow;
use crate::api::problem::Problem;
use crate::api::query::order::Order;
use crate::auth::{Granted, permission};
use crate::locations::Locations;

/// Patches that apply to assets in scope, or all.
#[utoipa::path(
    get,
    path = "/patches",
    tag = "patches",
    operation_id = "list_patches",
    params(PatchQuery),
    responses((status = 200, description = "One page.", body = Listed<PatchRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_patches(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<PatchQuery>,
) -> Result<Json<Listed<PatchRow>>, Problem> {
    let order = Order::asked(query.sort.as_ref(), DEFAULT_SORT)?;
    let after = cursor::read_fleet(query.cursor.as_deref(), order.named)?;
    let locations = Locations::now(granted.app()).await?;
    let chosen = query.boxes().choose(&granted)?;
    let page = chosen.patches.page(order.sorted, after.as_ref(), query.limit.get()).map_err(order.refused())?;
    Ok(Json(Listed {
        items: page.items.iter().map(|row| convert::row(row, &locations)).collect(),
        total: page.total,
        unknown: chosen.over.unknown(),
        version: chosen.version,
        next: cursor::write_fleet(page.next, order.named),
    }))
}
