//! `POST /api/v1/session`

use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::session::account::Me;
use crate::api::session::accounts;
use crate::auth::{Open, password};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Name and password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
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
    open.attempt(&body.name)?;
    let app = open.app();
    let user = app.store.user_by_name(body.name.trim()).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    // The work is done whether or not there is such a user, and every refusal reads the same.
    let proved = password::verify(body.password, hash).await?;
    match user.filter(|user| proved && !user.disabled) {
        Some(user) => accounts::log_in(app, user, open.from(), StatusCode::OK).await,
        None => Err(refused()),
    }
}

fn refused() -> Problem {
    let detail = "Check both, and ask an administrator if they should work.";
    Problem::new(StatusCode::UNAUTHORIZED, "credentials-invalid", "Name or password is wrong.", detail)
}
