//! `POST /api/v1/users`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::problem::Problem;
use crate::api::users::user::CreateUser;
use crate::api::users::user::UserBody;
use crate::auth::{Granted, permission};

/// Makes a user.
#[utoipa::path(
    post,
    path = "/users",
    tag = "users",
    operation_id = "create_user",
    params(IdempotencyHeader),
    request_body = CreateUser,
    responses((status = 201, description = "Made.", body = UserBody)),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn create_user(granted: Granted<permission::Administer>, Json(body): Json<CreateUser>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
