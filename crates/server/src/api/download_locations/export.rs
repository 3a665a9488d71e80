//! `GET /api/v1/download-locations/export`

use super::list::{LocationFilterQuery, sorted};
use super::location::DownloadLocation;
use crate::api::export;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use axum::response::Response;

const COLUMNS: &[&str] = &["scheme", "host", "port", "purpose", "patches", "feeds", "mirror", "note"];

/// All hosts that agents must reach, as CSV.
#[utoipa::path(
    get,
    path = "/download-locations/export",
    tag = "download-locations",
    operation_id = "export_download_locations",
    params(LocationFilterQuery),
    responses((status = 200, description = "One line per host, scheme, port and purpose.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn export_download_locations(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<LocationFilterQuery>,
) -> Result<Response, Problem> {
    let rows = sorted(&granted, &query.into()).await?;
    Ok(export::csv("download-locations", COLUMNS, rows.into_iter(), line))
}

fn line(row: &DownloadLocation) -> Vec<String> {
    vec![
        row.scheme.clone(),
        row.host.clone(),
        row.port.to_string(),
        row.purpose.to_string(),
        row.patches.to_string(),
        row.feeds.join("; "),
        row.mirror.to_string(),
        row.note.clone().unwrap_or_default(),
    ]
}
