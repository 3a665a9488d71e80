//! `POST /api/v1/feeds`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::feeds::feed::CreateFeed;
use crate::api::feeds::feed::FeedBody;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Makes a feed.
#[utoipa::path(
    post,
    path = "/feeds",
    tag = "feeds",
    operation_id = "create_feed",
    params(IdempotencyHeader),
    request_body = CreateFeed,
    responses((status = 201, description = "Made.", body = FeedBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_feed(granted: Granted<permission::ManageConfiguration>, Json(body): Json<CreateFeed>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
