//! `GET /api/v1/patches/export`

use axum::response::Response;
use crate::api::extract::Query;
use crate::api::patches::query::PatchQuery;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// All patches that the filters choose, as CSV.
#[utoipa::path(
    get,
    path = "/patches/export",
    tag = "patches",
    operation_id = "export_patches",
    params(PatchQuery),
    responses((status = 200, description = "One line per patch.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn export_patches(granted: Granted<permission::ViewFleet>, Query(query): Query<PatchQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
