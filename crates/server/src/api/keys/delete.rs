//! `DELETE /api/v1/activation-keys/{id}`

use super::convert::Keys;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::http::StatusCode;
use fettle_model::ids::KeyId;

/// Deletes an activation key. Enrolled assets stay.
#[utoipa::path(
    delete,
    path = "/activation-keys/{id}",
    tag = "activation-keys",
    operation_id = "delete_activation_key",
    params(("id" = Uuid, Path, description = "Id of the activation key.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn delete_activation_key(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<KeyId>,
) -> Result<StatusCode, Problem> {
    let keys = Keys::new(&granted).await?;
    let app = granted.app();
    let before = app.store.activation_key(id).await?.ok_or_else(|| Problem::not_found("activation key"))?;
    let audit = granted.audit("activation_key.delete", format!("activation key {id}")).before(&keys.body(&before));
    app.store.delete_activation_key(id, &audit).await?;
    Ok(StatusCode::NO_CONTENT)
}
