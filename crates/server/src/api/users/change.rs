//! `PATCH /api/v1/users/{id}`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::api::users::user::ChangeUser;
use crate::api::users::user::UserBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::UserId;
use uuid::Uuid;

/// Changes a user.
#[utoipa::path(
    patch,
    path = "/users/{id}",
    tag = "users",
    operation_id = "change_user",
    params(("id" = Uuid, Path, description = "Id of the user.")),
    request_body = ChangeUser,
    responses((status = 200, description = "The user, as they are now.", body = UserBody)),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn change_user(granted: Granted<permission::Administer>, Path(id): Path<UserId>, Json(body): Json<ChangeUser>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
