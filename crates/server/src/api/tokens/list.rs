//! `GET /api/v1/tokens`

use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
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
    pub(super) struct TokenQuery sorted by TokenColumn, as "Column to sort by, with `-` before it for largest first: `name`, `created_at`." {
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
pub(super) async fn list_tokens(
    granted: Granted<permission::ManageOwnAccount>,
    Query(query): Query<TokenQuery>,
) -> Result<Json<Page<TokenBody>>, Problem> {
    let text = query.q.get().map(str::to_lowercase);
    let tokens = granted.app().store.tokens(Some(granted.actor().user)).await?.into_iter();
    let rows = tokens.map(TokenBody::from).filter(|row| text.as_ref().is_none_or(|text| row.name.to_lowercase().contains(text))).collect();
    let sort = query.sort.unwrap_or(Sort { by: TokenColumn::CreatedAt, descending: true });
    let page = cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, |row: &TokenBody| {
        let key = match sort.by {
            TokenColumn::Name => Key::text(&row.name),
            TokenColumn::CreatedAt => Key::time(Some(row.created_at)),
        };
        (key, row.id.to_string())
    });
    page.map(Json)
}
