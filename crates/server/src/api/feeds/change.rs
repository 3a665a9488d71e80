//! `PATCH /api/v1/feeds/{id}`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::extract::Path;
use crate::api::feeds::feed::ChangeFeed;
use crate::api::feeds::feed::FeedBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::FeedId;
use uuid::Uuid;

/// Changes a feed.
#[utoipa::path(
    patch,
    path = "/feeds/{id}",
    tag = "feeds",
    operation_id = "change_feed",
    params(("id" = Uuid, Path, description = "Id of the feed.")),
    request_body = ChangeFeed,
    responses((status = 200, description = "The feed, as it is now.", body = FeedBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn change_feed(granted: Granted<permission::ManageConfiguration>, Path(id): Path<FeedId>, Json(body): Json<ChangeFeed>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
