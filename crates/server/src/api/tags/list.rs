//! `GET /api/v1/tags`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::api::tags::tag::TagBody;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum TagColumn {
        /// Name.
        Name = "name",
    }
}

list_query! {
    /// Paging of tags.
    pub struct TagQuery sorted by TagColumn, as "Column to sort by, with `-` before it for largest first: `name`." {
    }
}

/// Tags the caller sees.
#[utoipa::path(
    get,
    path = "/tags",
    tag = "tags",
    operation_id = "list_tags",
    params(TagQuery),
    responses((status = 200, description = "One page.", body = Page<TagBody>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_tags(granted: Granted<permission::ViewFleet>, Query(query): Query<TagQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
