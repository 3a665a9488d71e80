//! `GET /api/v1/searches/recent`

use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::searches::search::{RecentSearchBody, RecentSearches, SearchQuery};
use crate::auth::{Granted, permission};

/// What the caller searched for last.
#[utoipa::path(
    get,
    path = "/searches/recent",
    tag = "searches",
    operation_id = "list_recent_searches",
    params(SearchQuery),
    responses((status = 200, description = "The searches, newest first.", body = RecentSearches)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn list_recent_searches(
    granted: Granted<permission::ManageOwnAccount>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<RecentSearches>, Problem> {
    let searches = granted.app().store.recent_searches(granted.actor().user, query.entity).await?;
    Ok(Json(RecentSearches { items: searches.into_iter().map(RecentSearchBody::from).collect() }))
}
