//! `GET /api/v1/feeds/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::feeds::feed::FeedBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::FeedId;
use uuid::Uuid;

/// One feed.
#[utoipa::path(
    get,
    path = "/feeds/{id}",
    tag = "feeds",
    operation_id = "show_feed",
    params(("id" = Uuid, Path, description = "Id of the feed.")),
    responses((status = 200, description = "The feed.", body = FeedBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn show_feed(granted: Granted<permission::ManageConfiguration>, Path(id): Path<FeedId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
