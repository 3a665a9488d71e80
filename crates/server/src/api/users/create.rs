//! `POST /api/v1/users`

use super::convert;
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::api::session::accounts;
use crate::api::users::user::{CreateUser, UserBody};
use crate::auth::{Changed, Granted, password, permission};
use axum::response::Response;
use fettle_model::ids::UserId;
use fettle_store::UserRecord;

/// Makes a user.
#[utoipa::path(
    post,
    path = "/users",
    tag = "users",
    operation_id = "create_user",
    params(IdempotencyHeader),
    request_body = CreateUser,
    responses((status = 201, description = "Made.", body = UserBody)),
    extensions(("x-permission" = json!("administer"))),
)]
pub(super) async fn create_user(
    granted: Granted<permission::Administer>,
    key: IdempotencyKey,
    Json(body): Json<CreateUser>,
) -> Result<Response, Problem> {
    let app = granted.app();
    let name = accounts::name("name", &body.name)?;
    password::check("password", &body.password, &name).map_err(|error| Problem::invalid(vec![error]))?;
    let scope = convert::scope(app, granted.actor(), body.role, body.scope.clone()).await?;
    // The digest that recognises a repetition is kept, so the password is no part of it.
    let request = (&body.name, body.role, &body.scope);
    once(&granted, key, &request, async {
        let user = UserRecord {
            id: UserId::make(granted.now(), app.entropy.ten()),
            name,
            role: body.role,
            scope,
            password_hash: password::hash(body.password.clone(), app.entropy.as_ref()).await?,
            disabled: false,
            created_at: granted.now(),
        };
        let answer = UserBody::from(user.clone());
        app.store.create_user(&user, &granted.audit("user.create", format!("user {}", user.id)).after(&answer)).await?;
        Ok(Created { location: format!("/users/{}", user.id), body: answer })
    })
    .await
}
