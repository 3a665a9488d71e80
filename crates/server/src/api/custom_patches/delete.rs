//! `DELETE /api/v1/custom-patches/{id}`

use super::convert;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use axum::http::StatusCode;
use fettle_model::ids::CustomPatchId;

/// Deletes a custom patch and its file. Refused while a job or a run may still need it.
#[utoipa::path(
    delete,
    path = "/custom-patches/{id}",
    tag = "custom-patches",
    operation_id = "delete_custom_patch",
    params(("id" = Uuid, Path, description = "Id of the custom patch.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn delete_custom_patch(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<CustomPatchId>,
) -> Result<StatusCode, Problem> {
    let app = granted.app();
    let before = app.store.custom_patch(id).await?.ok_or_else(|| Problem::not_found("custom patch"))?;
    let audit = granted.audit("custom_patch.delete", format!("custom patch {id}")).before(&convert::body(before));
    let _held = app.contents.hold().await;
    let (_, unused) = app.store.delete_custom_patch(id, &audit).await?;
    if let Some(sha256) = unused {
        app.contents.remove(sha256).await;
    }
    app.signals.ask(Reconciler::Reassess);
    Ok(StatusCode::NO_CONTENT)
}
