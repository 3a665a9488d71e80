//! `PATCH /api/v1/activation-keys/{id}`

use super::convert::{self, Keys};
use crate::api::extract::{Json, Path};
use crate::api::keys::key::{ChangeKey, KeyBody};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use fettle_model::ids::KeyId;
use fettle_store::ActivationKeyChange;

/// Renames, disables or enables an activation key.
#[utoipa::path(
    patch,
    path = "/activation-keys/{id}",
    tag = "activation-keys",
    operation_id = "change_activation_key",
    params(("id" = Uuid, Path, description = "Id of the activation key.")),
    request_body = ChangeKey,
    responses((status = 200, description = "The key, as it is now.", body = KeyBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn change_activation_key(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<KeyId>,
    Json(body): Json<ChangeKey>,
) -> Result<Json<KeyBody>, Problem> {
    let keys = Keys::new(&granted).await?;
    let app = granted.app();
    let before = app.store.activation_key(id).await?.ok_or_else(|| Problem::not_found("activation key"))?;
    let title = body.title.as_deref().map(convert::title).transpose()?;
    let change = ActivationKeyChange { title, disabled: body.disabled };
    let audit = granted.audit("activation_key.change", format!("activation key {id}")).before(&keys.body(&before)).after(&body);
    let after = app.store.update_activation_key(id, &change, &audit).await?;
    Ok(Json(keys.body(&after)))
}
