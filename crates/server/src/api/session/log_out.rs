//! `DELETE /api/v1/session`

use crate::api::problem::Problem;
use crate::auth::{Granted, Via, permission, session};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Logs out.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "session",
    operation_id = "log_out",
    responses((status = 204, description = "Logged out.")),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn log_out(granted: Granted<permission::ManageOwnAccount>) -> Result<Response, Problem> {
    let Via::Session { token_hash, .. } = &granted.caller().via else {
        return Err(Problem::conflict("no-session", "An API token is no session; delete the token to end it."));
    };
    granted.app().store.end_session(*token_hash).await?;
    let cookie = session::forget(granted.app())?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
