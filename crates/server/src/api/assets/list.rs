//! `GET /api/v1/assets`

use super::convert::Rows;
use super::query::DEFAULT_SORT;
use crate::api::assets::query::AssetQuery;
use crate::api::assets::row::AssetRow;
use crate::api::cursor;
use crate::api::extract::{Json, Query};
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
pub(super) async fn list_assets(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<AssetQuery>,
) -> Result<Json<Page<AssetRow>>, Problem> {
    let rows = Rows::new(granted.app()).await?;
    let sort = query.sort.unwrap_or(DEFAULT_SORT);
    let after = cursor::read_fleet(query.cursor.as_deref(), sort)?;
    let limit = query.limit.get();
    let page = granted.view().assets(&rows.filter(query), sort.sorted(), after.as_ref(), limit);
    Ok(Json(cursor::fleet_page(page, sort, |row| rows.row(&row))))
}
