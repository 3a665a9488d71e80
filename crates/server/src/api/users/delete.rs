//! `DELETE /api/v1/users/{id}`

use super::user::UserBody;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::http::StatusCode;
use fettle_model::ids::UserId;

/// Deletes a user. Their jobs stop running until somebody else owns them.
#[utoipa::path(
    delete,
    path = "/users/{id}",
    tag = "users",
    operation_id = "delete_user",
    params(("id" = Uuid, Path, description = "Id of the user.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn delete_user(granted: Granted<permission::Administer>, Path(id): Path<UserId>) -> Result<StatusCode, Problem> {
    let app = granted.app();
    let before = app.store.user(id).await?.ok_or_else(|| Problem::not_found("user"))?;
    if id == granted.actor().user {
        return Err(Problem::conflict("own-account", "Nobody deletes themselves; ask another administrator."));
    }
    let audit = granted.audit("user.delete", format!("user {id}")).before(&UserBody::from(before));
    app.store.delete_user(id, &audit).await?;
    Ok(StatusCode::NO_CONTENT)
}
