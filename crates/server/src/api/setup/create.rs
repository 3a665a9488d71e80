//! `POST /api/v1/setup`

use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::session::account::Me;
use crate::api::session::accounts;
use crate::auth::{Open, password};
use axum::http::StatusCode;
use axum::response::Response;
use fettle_model::access::{Role, Scope};
use fettle_model::ids::UserId;
use fettle_store::UserRecord;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The first administrator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateFirstAdministrator {
    /// The one-time token that the server printed when it started.
    #[schema(format = Password)]
    pub token: String,
    /// Name to log in with.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Password.
    #[schema(min_length = 12, max_length = 1000, format = Password)]
    pub password: String,
}

/// Makes the first administrator with the one-time token of the server's start, and logs them in.
#[utoipa::path(
    post,
    path = "/setup",
    tag = "setup",
    operation_id = "create_first_administrator",
    request_body = CreateFirstAdministrator,
    responses((status = 201, description = "Made and logged in; sets the session cookie.", body = Me)),
    security(()),
)]
pub(super) async fn create_first_administrator(open: Open, Json(body): Json<CreateFirstAdministrator>) -> Result<Response, Problem> {
    open.attempt("setup")?;
    let app = open.app();
    if !app.setup.accepts(&body.token) {
        return Err(refused());
    }
    let name = accounts::name("name", &body.name)?;
    password::check("password", &body.password, &name).map_err(|error| Problem::invalid(vec![error]))?;
    let user = UserRecord {
        id: UserId::make(app.clock.now(), app.entropy.ten()),
        name,
        role: Role::SuperUser,
        scope: Scope::Everything,
        password_hash: password::hash(body.password, app.entropy.as_ref()).await?,
        disabled: false,
        created_at: app.clock.now(),
    };
    let audit = accounts::audit(app, &user, open.from(), "setup");
    app.store.create_first_user(&user, &audit).await?;
    if let Err(error) = app.setup.close() {
        // The token is refused all the same; only its file is left.
        tracing::warn!(error = &error as &(dyn std::error::Error + 'static), "could not remove the file of the one-time token");
    }
    accounts::log_in(app, user, open.from(), StatusCode::CREATED).await
}

fn refused() -> Problem {
    let detail = "Take the newest link that the server printed when it started; it works once, and only while there is no user.";
    Problem::new(StatusCode::FORBIDDEN, "setup-token-invalid", "The one-time token is not valid.", detail)
}
