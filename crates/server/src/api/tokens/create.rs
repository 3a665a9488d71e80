//! `POST /api/v1/tokens`

use super::token::TokenBody;
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::api::session::accounts;
use crate::api::tokens::token::{CreateToken, CreatedToken};
use crate::api::users::convert;
use crate::auth::{Changed, Granted, Via, permission, privilege, secret};
use axum::response::Response;
use fettle_model::access::{Role, Scope};
use fettle_model::ids::TokenId;
use fettle_store::TokenRecord;
use jiff::Timestamp;

/// Most tokens of one user: enough for every script, few enough to look through.
const MAX_TOKENS: usize = 100;

/// Makes an API token. Its secret is shown once.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "tokens",
    operation_id = "create_token",
    params(IdempotencyHeader),
    request_body = CreateToken,
    responses((status = 201, description = "Made.", body = CreatedToken)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn create_token(
    granted: Granted<permission::ManageOwnAccount>,
    key: IdempotencyKey,
    Json(body): Json<CreateToken>,
) -> Result<Response, Problem> {
    let name = accounts::name("name", &body.name)?;
    let role = body.role.unwrap_or(granted.actor().role);
    let scope = match &body.scope {
        Some(scope) => convert::scope(granted.app(), granted.actor(), role, scope.clone()).await?,
        None => own_scope(&granted, role).await?,
    };
    check_end(&granted, body.expires_at)?;
    once(&granted, key, &body, async {
        let app = granted.app();
        if app.store.tokens(Some(granted.actor().user)).await?.len() >= MAX_TOKENS {
            let detail = format!("You have {MAX_TOKENS} tokens, which is the most; delete some first.");
            return Err(Problem::conflict("too-many-tokens", detail));
        }
        let secret = secret::make_token(app.entropy.as_ref());
        let record = TokenRecord {
            id: TokenId::make(granted.now(), app.entropy.ten()),
            user: granted.actor().user,
            title: name,
            token_hash: secret::hash(&secret),
            role,
            scope,
            created_at: granted.now(),
            expires_at: body.expires_at,
            last_used_at: None,
        };
        let answer = TokenBody::from(record.clone());
        app.store.create_token(&record, &granted.audit("token.create", format!("token {}", record.id)).after(&answer)).await?;
        Ok(Created { location: format!("/tokens/{}", record.id), body: CreatedToken { token: answer, secret: Some(secret) } })
    })
    .await
}

/// The caller's own scope, for a token that does not say another.
async fn own_scope(granted: &Granted<permission::ManageOwnAccount>, role: Role) -> Result<Scope, Problem> {
    let scope = match &granted.caller().via {
        // As it was given to them, so that tags made below later are part of it, too.
        Via::Session { .. } if granted.actor().role != Role::SuperUser => {
            let user = granted.app().store.user(granted.actor().user).await?.ok_or_else(Problem::unauthenticated)?;
            user.scope
        }
        _ => granted.actor().scope().clone(),
    };
    let errors = privilege::excess(granted.actor(), role, granted.actor().scope());
    if errors.is_empty() { Ok(scope) } else { Err(Problem::invalid(errors)) }
}

/// A token ends in the future, and one made with a token not later than that.
fn check_end(granted: &Granted<permission::ManageOwnAccount>, end: Option<Timestamp>) -> Result<(), Problem> {
    if end.is_some_and(|at| at <= granted.now()) {
        return Err(Problem::invalid_field("expires_at", "must be in the future, or left out for a token that does not expire"));
    }
    if let Via::Token { expires_at: Some(makers), .. } = &granted.caller().via
        && end.is_none_or(|at| at > *makers)
    {
        return Err(Problem::invalid_field("expires_at", format!("must not be later than the end of the token you use, {makers}")));
    }
    Ok(())
}
