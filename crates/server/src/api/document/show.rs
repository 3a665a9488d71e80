//! `GET /api/v1/openapi.json`

use axum::response::Response;
use crate::api::problem::Problem;
use crate::auth::Open;

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "status",
    operation_id = "show_openapi",
    responses((status = 200, description = "The OpenAPI document.", body = serde_json::Value)),
    security(()),
)]
pub(super) async fn show_openapi(open: Open) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
