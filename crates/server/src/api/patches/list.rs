//! `GET /api/v1/patches`

use axum::response::Response;
use crate::api::extract::Query;
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
pub(super) async fn list_patches(granted: Granted<permission::ViewFleet>, Query(query): Query<PatchQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
