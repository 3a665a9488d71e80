//! `PATCH /api/v1/activation-keys/{id}`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::extract::Path;
use crate::api::keys::key::ChangeKey;
use crate::api::keys::key::KeyBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::KeyId;
use uuid::Uuid;

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
pub(super) async fn change_activation_key(granted: Granted<permission::ManageConfiguration>, Path(id): Path<KeyId>, Json(body): Json<ChangeKey>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
