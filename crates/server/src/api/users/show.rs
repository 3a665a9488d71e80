//! `GET /api/v1/users/{id}`

use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::users::user::UserBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::UserId;

/// One user.
#[utoipa::path(
    get,
    path = "/users/{id}",
    tag = "users",
    operation_id = "show_user",
    params(("id" = Uuid, Path, description = "Id of the user.")),
    responses((status = 200, description = "The user.", body = UserBody)),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn show_user(granted: Granted<permission::Administer>, Path(id): Path<UserId>) -> Result<Json<UserBody>, Problem> {
    let user = granted.app().store.user(id).await?.ok_or_else(|| Problem::not_found("user"))?;
    Ok(Json(user.into()))
}
