//! `POST /api/v1/feeds/from-machine`

use axum::response::Response;
use crate::api::feeds::feed::FeedsFromMachine;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Makes feeds from the package sources of the machine the server runs on.
#[utoipa::path(
    post,
    path = "/feeds/from-machine",
    tag = "feeds",
    operation_id = "create_feeds_from_machine",
    params(IdempotencyHeader),
    responses((status = 201, description = "What was made, and what was not.", body = FeedsFromMachine)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_feeds_from_machine(granted: Granted<permission::ManageConfiguration>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
