//! `DELETE /api/v1/mirrors/{id}`

use super::mirror::MirrorBody;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::http::StatusCode;
use fettle_model::ids::MirrorId;

/// Deletes a mirror: what it replaced is fetched from its vendor again.
#[utoipa::path(
    delete,
    path = "/mirrors/{id}",
    tag = "mirrors",
    operation_id = "delete_mirror",
    params(("id" = Uuid, Path, description = "Id of the mirror.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn delete_mirror(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<MirrorId>,
) -> Result<StatusCode, Problem> {
    let app = granted.app();
    let before = app.store.mirror(id).await?.ok_or_else(|| Problem::not_found("mirror"))?;
    app.store.delete_mirror(id, &granted.audit("mirror.delete", format!("mirror {id}")).before(&MirrorBody::from(before))).await?;
    Ok(StatusCode::NO_CONTENT)
}
