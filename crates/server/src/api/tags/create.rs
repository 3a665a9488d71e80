//! `POST /api/v1/tags`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::problem::Problem;
use crate::api::tags::tag::CreateTag;
use crate::api::tags::tag::TagBody;
use crate::auth::{Granted, permission};

/// Makes a tag.
#[utoipa::path(
    post,
    path = "/tags",
    tag = "tags",
    operation_id = "create_tag",
    params(IdempotencyHeader),
    request_body = CreateTag,
    responses((status = 201, description = "Made.", body = TagBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_tag(granted: Granted<permission::ManageConfiguration>, Json(body): Json<CreateTag>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
