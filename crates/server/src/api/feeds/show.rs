//! `GET /api/v1/feeds/{id}`

use super::convert;
use crate::api::extract::{Json, Path};
use crate::api::feeds::feed::FeedBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::FeedId;

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
pub(super) async fn show_feed(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<FeedId>,
) -> Result<Json<FeedBody>, Problem> {
    let feed = granted.app().store.feed(id).await?.ok_or_else(|| Problem::not_found("feed"))?;
    convert::body(granted.app(), feed).map(Json)
}
