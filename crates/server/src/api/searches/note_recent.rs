//! `POST /api/v1/searches/recent`

use super::search::{self, RecentSearchInput, SearchQuery};
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use axum::http::StatusCode;

/// Remembers a search the caller made, as the newest; the oldest beyond 20 are forgotten.
#[utoipa::path(
    post,
    path = "/searches/recent",
    tag = "searches",
    operation_id = "note_recent_search",
    params(SearchQuery),
    request_body = RecentSearchInput,
    responses((status = 204, description = "Remembered.")),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn note_recent_search(
    granted: Granted<permission::ManageOwnAccount>,
    Query(query): Query<SearchQuery>,
    Json(body): Json<RecentSearchInput>,
) -> Result<StatusCode, Problem> {
    let app = granted.app();
    let text = search::text(app, query.entity, &body.query, &body.beside)?;
    app.store.note_search(granted.actor().user, query.entity, &text, granted.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
