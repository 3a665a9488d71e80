//! `PATCH /api/v1/users/{id}`

use super::convert;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::session::account::ScopeBody;
use crate::api::session::accounts;
use crate::api::users::user::{ChangeUser, UserBody};
use crate::auth::{Changed, Granted, password, permission};
use fettle_model::ids::UserId;
use fettle_store::UserRecord;

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
pub(super) async fn change_user(
    granted: Granted<permission::Administer>,
    Path(id): Path<UserId>,
    Json(body): Json<ChangeUser>,
) -> Result<Json<UserBody>, Problem> {
    let app = granted.app();
    let before = app.store.user(id).await?.ok_or_else(|| Problem::not_found("user"))?;
    let own = id == granted.actor().user;
    if own && (body.disabled == Some(true) || body.role.is_some_and(|role| role != before.role)) {
        return Err(Problem::conflict("own-account", "Nobody disables or demotes themselves; ask another administrator."));
    }
    let name = body.name.as_deref().map(|name| accounts::name("name", name)).transpose()?.unwrap_or_else(|| before.name.clone());
    if let Some(new) = &body.password {
        password::check("password", new, &name).map_err(|error| Problem::invalid(vec![error]))?;
    }
    let role = body.role.unwrap_or(before.role);
    let given = body.scope.clone().unwrap_or_else(|| ScopeBody::from(&before.scope));
    let scope = convert::scope(app, granted.actor(), role, given).await?;
    let user = UserRecord { name, role, scope, disabled: body.disabled.unwrap_or(before.disabled), ..before.clone() };
    let after = UserBody::from(user.clone());
    let audit = granted.audit("user.change", format!("user {id}")).before(&UserBody::from(before)).after(&after);
    app.store.update_user(&user, &audit).await?;
    if let Some(new) = body.password {
        let hash = password::hash(new, app.entropy.as_ref()).await?;
        app.store.set_password(id, &hash, None, &granted.audit("user.password", format!("user {id}"))).await?;
    }
    Ok(Json(after))
}
