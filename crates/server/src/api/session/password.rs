//! `PUT /api/v1/session/password`

use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::{Granted, Via, password, permission};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The password as it is and as it is to be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
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
pub(super) async fn change_password(
    granted: Granted<permission::ManageOwnAccount>,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let Via::Session { token_hash, .. } = &granted.caller().via else {
        return Err(Problem::conflict("no-session", "A password is changed by the person who is logged in, not by an API token."));
    };
    let app = granted.app();
    // Somebody who found an open browser must not be able to guess on from it.
    granted.attempt()?;
    let user = app.store.user(granted.actor().user).await?.ok_or_else(Problem::unauthenticated)?;
    if !password::verify(body.current, Some(user.password_hash)).await? {
        return Err(Problem::invalid_field("current", "is not your password"));
    }
    password::check("new", &body.new, &user.name).map_err(|error| Problem::invalid(vec![error]))?;
    let hash = password::hash(body.new, app.entropy.as_ref()).await?;
    let audit = granted.audit("user.password", format!("user {}", user.id));
    app.store.set_password(user.id, &hash, Some(*token_hash), &audit).await?;
    Ok(StatusCode::NO_CONTENT)
}
