//! `DELETE /api/v1/activation-keys/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::KeyId;
use uuid::Uuid;

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
pub(super) async fn delete_activation_key(granted: Granted<permission::ManageConfiguration>, Path(id): Path<KeyId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
