//! `GET /api/v1/setup`

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use axum::response::Response;
use crate::api::problem::Problem;
use crate::auth::Open;

/// Whether the installation has an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetupState {
    /// The first administrator is still to be made.
    pub needed: bool,
}

/// Whether the first administrator is still to be made.
#[utoipa::path(
    get,
    path = "/setup",
    tag = "setup",
    operation_id = "show_setup",
    responses((status = 200, description = "The answer.", body = SetupState)),
    security(()),
)]
pub(super) async fn show_setup(open: Open) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
