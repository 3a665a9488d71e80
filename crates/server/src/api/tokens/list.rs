//! `GET /api/v1/tokens`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::api::tokens::token::TokenBody;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum TokenColumn {
        /// Name.
        Name = "name",
        /// When it was made.
        CreatedAt = "created_at",
    }
}

list_query! {
    /// Paging of tokens.
    pub struct TokenQuery sorted by TokenColumn, as "Column to sort by, with `-` before it for largest first: `name`, `created_at`." {
    }
}

/// The caller's API tokens.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "tokens",
    operation_id = "list_tokens",
    params(TokenQuery),
    responses((status = 200, description = "One page.", body = Page<TokenBody>)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn list_tokens(granted: Granted<permission::ManageOwnAccount>, Query(query): Query<TokenQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
