//! `GET /api/v1/openapi.json`

use crate::auth::Open;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::OnceLock;

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "status",
    operation_id = "show_openapi",
    responses((status = 200, description = "The OpenAPI document.", body = serde_json::Value)),
    security(()),
)]
pub(super) async fn show_openapi(_: Open) -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| crate::api::openapi().to_json().unwrap_or_default());
    ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}
