//! `POST /api/v1/catalog/export`

use super::body::ExportCatalog;
use super::refused;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde_json::json;
use tokio_util::io::ReaderStream;

/// Longest time for which a bundle can be imported: ten years.
const MOST_DAYS: u16 = 3_650;
/// Bytes of a bundle sent at a time.
const PIECE: usize = 256 * 1024;

/// Makes a bundle of the catalog as it is now, with the next number, and sends it. It holds every feed, and no uploaded patches.
/// What it held is remembered for bundles of what changed since; that goes for the fourteen newest.
#[utoipa::path(
    post,
    path = "/catalog/export",
    tag = "catalog",
    operation_id = "export_catalog",
    request_body = ExportCatalog,
    responses((status = 200, description = "The bundle.", content_type = "application/octet-stream", body = String)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn export_catalog(
    granted: Granted<permission::ManageConfiguration>,
    Json(body): Json<ExportCatalog>,
) -> Result<Response, Problem> {
    if !(1..=MOST_DAYS).contains(&body.days) {
        return Err(Problem::invalid_field("days", format!("must be a number from 1 to {MOST_DAYS}")));
    }
    let app = granted.app();
    let valid = SignedDuration::from_hours(24 * i64::from(body.days));
    let audit = |manifest: &fettle_catalog::bundle::Manifest| {
        let subject = format!("bundle {}", manifest.sequence);
        let after = json!({"since": body.since, "expires": manifest.expires, "feeds": manifest.feeds.len()});
        granted.audit("catalog.export", subject).after(&after)
    };
    let exported = app.bundles.export(app, body.since, valid, audit).await.map_err(refused::problem)?;
    let name = format!("attachment; filename=\"catalog-{}.fettle-catalog\"", exported.manifest.sequence);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, exported.size.to_string()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(exported.file), PIECE);
    Ok((headers, Body::from_stream(stream)).into_response())
}
