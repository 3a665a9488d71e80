//! `POST /api/v1/activation-keys`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::keys::key::CreateKey;
use crate::api::keys::key::CreatedKey;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Makes an activation key. Its secret is shown once.
#[utoipa::path(
    post,
    path = "/activation-keys",
    tag = "activation-keys",
    operation_id = "create_activation_key",
    params(IdempotencyHeader),
    request_body = CreateKey,
    responses((status = 201, description = "Made.", body = CreatedKey)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_activation_key(granted: Granted<permission::ManageConfiguration>, Json(body): Json<CreateKey>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
