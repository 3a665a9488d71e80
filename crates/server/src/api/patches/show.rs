//! `GET /api/v1/patches/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::patches::row::PatchDetail;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::PatchId;

/// One patch.
#[utoipa::path(
    get,
    path = "/patches/{id}",
    tag = "patches",
    operation_id = "show_patch",
    params(("id" = String, Path, description = "Id of the patch, percent-encoded.")),
    responses((status = 200, description = "The patch.", body = PatchDetail)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_patch(granted: Granted<permission::ViewFleet>, Path(id): Path<PatchId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
