//! `GET /api/v1/patches`

use super::convert;
use super::query::DEFAULT_SORT;
use crate::api::cursor;
use crate::api::extract::{Json, Query};
use crate::api::page::Page;
use crate::api::patches::query::PatchQuery;
use crate::api::patches::row::PatchRow;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Patches that apply to assets in scope, or all.
#[utoipa::path(
    get,
    path = "/patches",
    tag = "patches",
    operation_id = "list_patches",
    params(PatchQuery),
    responses((status = 200, description = "One page.", body = Page<PatchRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_patches(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<PatchQuery>,
) -> Result<Json<Page<PatchRow>>, Problem> {
    let sort = query.sort.unwrap_or(DEFAULT_SORT);
    let after = cursor::read_fleet(query.cursor.as_deref(), sort)?;
    let limit = query.limit.get();
    let page = granted.view().patches(&convert::filter(query), sort.sorted(), after.as_ref(), limit);
    Ok(Json(cursor::fleet_page(page, sort, |row| convert::row(&row))))
}
