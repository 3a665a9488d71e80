//! `GET /api/v1/searches`

use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::searches::search::{SearchBody, SearchQuery, Searches};
use crate::auth::{Granted, permission};

/// Searches the caller keeps.
#[utoipa::path(
    get,
    path = "/searches",
    tag = "searches",
    operation_id = "list_searches",
    params(SearchQuery),
    responses((status = 200, description = "All of them; there are at most 200.", body = Searches)),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn list_searches(
    granted: Granted<permission::ManageOwnAccount>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Searches>, Problem> {
    let searches = granted.app().store.searches(granted.actor().user, query.entity).await?;
    Ok(Json(Searches { items: searches.into_iter().map(SearchBody::from).collect() }))
}
