//! `POST /api/v1/session`

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use axum::response::Response;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::session::account::Me;
use crate::auth::Open;

/// Name and password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Password.
    #[schema(max_length = 1000, format = Password)]
    pub password: String,
}

/// Logs in. Sets the session cookie.
#[utoipa::path(
    post,
    path = "/session",
    tag = "session",
    operation_id = "log_in",
    request_body = Credentials,
    responses((status = 200, description = "Logged in.", body = Me)),
    security(()),
)]
pub(super) async fn log_in(open: Open, Json(body): Json<Credentials>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
