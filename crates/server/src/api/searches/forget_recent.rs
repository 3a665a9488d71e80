//! `DELETE /api/v1/searches/recent`

use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::searches::search::SearchQuery;
use crate::auth::{Granted, permission};
use axum::http::StatusCode;

/// Forgets what the caller searched for.
#[utoipa::path(
    delete,
    path = "/searches/recent",
    tag = "searches",
    operation_id = "forget_recent_searches",
    params(SearchQuery),
    responses((status = 204, description = "Forgotten.")),
    extensions(("x-permission" = json!("account.manage_own"))),
)]
pub(super) async fn forget_recent_searches(
    granted: Granted<permission::ManageOwnAccount>,
    Query(query): Query<SearchQuery>,
) -> Result<StatusCode, Problem> {
    granted.app().store.clear_recent_searches(granted.actor().user, query.entity).await?;
    Ok(StatusCode::NO_CONTENT)
}
