//! `GET /api/v1/patches/export`

use super::convert;
use super::query::DEFAULT_SORT;
use super::row::{DownloadBody, PatchRow};
use crate::api::export;
use crate::api::extract::Query;
use crate::api::patches::query::PatchFilterQuery;
use crate::api::problem::Problem;
use crate::api::query::order::Order;
use crate::auth::{Granted, permission};
use crate::locations::Locations;
use axum::response::Response;

const COLUMNS: &[&str] = &[
    "id",
    "title",
    "vendor",
    "release",
    "product",
    "kind",
    "architectures",
    "bulletin",
    "category",
    "severity",
    "cves",
    "kb",
    "cvss",
    "epss",
    "known_exploited",
    "published_at",
    "reboot",
    "download",
    "rollback",
    "superseded",
    "missing",
    "installed",
];

/// All patches that the queries choose, as CSV.
#[utoipa::path(
    get,
    path = "/patches/export",
    tag = "patches",
    operation_id = "export_patches",
    params(PatchFilterQuery),
    responses((status = 200, description = "One line per patch.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn export_patches(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<PatchFilterQuery>,
) -> Result<Response, Problem> {
    let order = Order::asked(query.sort.as_ref(), DEFAULT_SORT)?;
    let locations = Locations::now(granted.app()).await?;
    let patches = query.boxes().choose(&granted)?.patches.rows(order.sorted).map_err(order.refused())?;
    Ok(export::csv("patches", COLUMNS, patches, move |patch| line(&convert::row(patch, &locations))))
}

fn line(row: &PatchRow) -> Vec<String> {
    let download = match &row.download {
        DownloadBody::PackageManager { size } => size.to_string(),
        DownloadBody::Automatic { installers } => installers.iter().map(|installer| installer.url.as_str()).collect::<Vec<_>>().join(" "),
        DownloadBody::AcquireFromVendor { link } => link.clone(),
    };
    vec![
        row.id.to_string(),
        row.title.clone(),
        row.vendor.clone(),
        row.release.clone().unwrap_or_default(),
        row.product.clone(),
        row.kind.to_string(),
        row.architectures.join("; "),
        row.bulletin.clone().unwrap_or_default(),
        row.category.to_string(),
        row.severity.to_string(),
        row.cves.join("; "),
        row.kb.clone().unwrap_or_default(),
        row.cvss.map(|score| score.to_string()).unwrap_or_default(),
        row.epss.map(|score| score.to_string()).unwrap_or_default(),
        row.known_exploited.to_string(),
        row.published_at.map(|at| at.to_string()).unwrap_or_default(),
        row.reboot.to_string(),
        download,
        row.rollback.to_string(),
        row.superseded.to_string(),
        row.missing.to_string(),
        row.installed.to_string(),
    ]
}
