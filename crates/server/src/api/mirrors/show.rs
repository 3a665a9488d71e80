//! `GET /api/v1/mirrors/{id}`

use super::mirror::MirrorBody;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::MirrorId;

/// One mirror.
#[utoipa::path(
    get,
    path = "/mirrors/{id}",
    tag = "mirrors",
    operation_id = "show_mirror",
    params(("id" = Uuid, Path, description = "Id of the mirror.")),
    responses((status = 200, description = "The mirror.", body = MirrorBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn show_mirror(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<MirrorId>,
) -> Result<Json<MirrorBody>, Problem> {
    let mirror = granted.app().store.mirror(id).await?.ok_or_else(|| Problem::not_found("mirror"))?;
    Ok(Json(mirror.into()))
}
