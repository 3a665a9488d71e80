//! `DELETE /api/v1/session`

use axum::response::Response;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

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
    Err(Problem::opaque())
}
