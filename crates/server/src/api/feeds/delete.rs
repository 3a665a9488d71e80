//! `DELETE /api/v1/feeds/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::FeedId;
use uuid::Uuid;

/// Deletes a feed and withdraws its patches.
#[utoipa::path(
    delete,
    path = "/feeds/{id}",
    tag = "feeds",
    operation_id = "delete_feed",
    params(("id" = Uuid, Path, description = "Id of the feed.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn delete_feed(granted: Granted<permission::ManageConfiguration>, Path(id): Path<FeedId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
