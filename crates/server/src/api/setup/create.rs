//! `POST /api/v1/setup`

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use axum::response::Response;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::session::account::Me;
use crate::auth::Open;

/// The first administrator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFirstAdministrator {
    /// The one-time token that the server printed when it started.
    #[schema(format = Password)]
    pub token: String,
    /// Name to log in with.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Password.
    #[schema(min_length = 12, max_length = 1000, format = Password)]
    pub password: String,
}

/// Makes the first administrator with the one-time token of the server's start, and logs them in.
#[utoipa::path(
    post,
    path = "/setup",
    tag = "setup",
    operation_id = "create_first_administrator",
    request_body = CreateFirstAdministrator,
    responses((status = 201, description = "Made and logged in; sets the session cookie.", body = Me)),
    security(()),
)]
pub(super) async fn create_first_administrator(open: Open, Json(body): Json<CreateFirstAdministrator>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
