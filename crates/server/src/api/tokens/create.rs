//! `POST /api/v1/tokens`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::problem::Problem;
use crate::api::tokens::token::CreateToken;
use crate::api::tokens::token::CreatedToken;
use crate::auth::{Granted, permission};

/// Makes an API token. Its secret is shown once.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "tokens",
    operation_id = "create_token",
    params(IdempotencyHeader),
    request_body = CreateToken,
    responses((status = 201, description = "Made.", body = CreatedToken)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn create_token(granted: Granted<permission::ManageOwnAccount>, Json(body): Json<CreateToken>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
