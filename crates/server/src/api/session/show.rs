//! `GET /api/v1/session`

use crate::api::extract::Json;
use crate::api::session::account::Me;
use crate::api::session::accounts;
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
pub(super) async fn show_session(granted: Granted<permission::ManageOwnAccount>) -> Json<Me> {
    Json(accounts::me(granted.caller()))
}
