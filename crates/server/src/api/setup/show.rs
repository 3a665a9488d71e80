//! `GET /api/v1/setup`

use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::Open;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the installation has an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct SetupState {
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
pub(super) async fn show_setup(open: Open) -> Result<Json<SetupState>, Problem> {
    Ok(Json(SetupState { needed: !open.app().store.has_administrator().await? }))
}
