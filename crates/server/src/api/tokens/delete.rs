//! `DELETE /api/v1/tokens/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::TokenId;
use uuid::Uuid;

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
pub(super) async fn delete_token(granted: Granted<permission::ManageOwnAccount>, Path(id): Path<TokenId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
