//! `DELETE /api/v1/users/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::UserId;
use uuid::Uuid;

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
pub(super) async fn delete_user(granted: Granted<permission::Administer>, Path(id): Path<UserId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
