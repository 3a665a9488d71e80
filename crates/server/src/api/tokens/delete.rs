//! `DELETE /api/v1/tokens/{id}`

use super::token::TokenBody;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::http::StatusCode;
use fettle_model::ids::TokenId;

/// Deletes one of the caller's API tokens.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    tag = "tokens",
    operation_id = "delete_token",
    params(("id" = Uuid, Path, description = "Id of the token.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn delete_token(granted: Granted<permission::ManageOwnAccount>, Path(id): Path<TokenId>) -> Result<StatusCode, Problem> {
    let app = granted.app();
    let token = app.store.token(id).await?.filter(|token| token.user == granted.actor().user);
    let token = token.ok_or_else(|| Problem::not_found("token"))?;
    let audit = granted.audit("token.delete", format!("token {id}")).before(&TokenBody::from(token));
    app.store.delete_token(id, &audit).await?;
    Ok(StatusCode::NO_CONTENT)
}
