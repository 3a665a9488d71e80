//! `PUT /api/v1/session/password`

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use axum::response::Response;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// The password as it is and as it is to be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// Password now.
    #[schema(max_length = 1000, format = Password)]
    pub current: String,
    /// Password from now on.
    #[schema(min_length = 12, max_length = 1000, format = Password)]
    pub new: String,
}

/// Changes the caller's password and ends their other sessions.
#[utoipa::path(
    put,
    path = "/session/password",
    tag = "session",
    operation_id = "change_password",
    request_body = ChangePassword,
    responses((status = 204, description = "Changed.")),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn change_password(granted: Granted<permission::ManageOwnAccount>, Json(body): Json<ChangePassword>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
