//! `GET /api/v1/custom-patches/{id}`

use super::convert;
use super::custom_patch::CustomPatchBody;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::CustomPatchId;

/// One custom patch.
#[utoipa::path(
    get,
    path = "/custom-patches/{id}",
    tag = "custom-patches",
    operation_id = "show_custom_patch",
    params(("id" = Uuid, Path, description = "Id of the custom patch.")),
    responses((status = 200, description = "The patch.", body = CustomPatchBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn show_custom_patch(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<CustomPatchId>,
) -> Result<Json<CustomPatchBody>, Problem> {
    let patch = granted.app().store.custom_patch(id).await?.ok_or_else(|| Problem::not_found("custom patch"))?;
    Ok(Json(convert::body(patch)))
}
