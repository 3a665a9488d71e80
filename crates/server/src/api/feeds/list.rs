//! `GET /api/v1/feeds`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::extract::Query;
use crate::api::feeds::feed::FeedBody;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum FeedColumn {
        /// Name.
        Name = "name",
    }
}

list_query! {
    /// Paging of feeds.
    pub struct FeedQuery sorted by FeedColumn, as "Column to sort by, with `-` before it for largest first: `name`." {
    }
}

/// Feeds.
#[utoipa::path(
    get,
    path = "/feeds",
    tag = "feeds",
    operation_id = "list_feeds",
    params(FeedQuery),
    responses((status = 200, description = "One page.", body = Page<FeedBody>)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn list_feeds(granted: Granted<permission::ManageConfiguration>, Query(query): Query<FeedQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
