//! `GET /api/v1/session`

use axum::response::Response;
use crate::api::problem::Problem;
use crate::api::session::account::Me;
use crate::auth::{Granted, permission};

/// Who the caller is and what they may do.
#[utoipa::path(
    get,
    path = "/session",
    tag = "session",
    operation_id = "show_session",
    responses((status = 200, description = "The caller.", body = Me)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn show_session(granted: Granted<permission::ManageOwnAccount>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
