//! `POST /api/v1/catalog/import`

use super::body::{ImportBody, ImportedFeed};
use super::refused;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::bundles::Outcome;
use axum::body::Body;
use fettle_store::BundleReport;
use serde_json::json;

/// Takes in a bundle of another server's catalog. It is verified before anything of it is used: signed by a source that is
/// trusted, not expired, newer than what was imported before, every byte as it was exported. It is imported whole or not at
/// all. A bundle that was imported last does nothing.
#[utoipa::path(
    post,
    path = "/catalog/import",
    tag = "catalog",
    operation_id = "import_catalog",
    request_body(content = String, content_type = "application/octet-stream", description = "The bundle."),
    responses((status = 200, description = "What it did.", body = ImportBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn import_catalog(granted: Granted<permission::ManageConfiguration>, body: Body) -> Result<Json<ImportBody>, Problem> {
    let app = granted.app();
    let audit = |outcome: &Outcome, report: &BundleReport| {
        let feeds: Vec<ImportedFeed> = report.feeds.iter().cloned().map(ImportedFeed::from).collect();
        let after = json!({"source": outcome.source, "base": outcome.base, "feeds": feeds});
        granted.audit("catalog.import", format!("bundle {} of {}", outcome.sequence, outcome.source)).after(&after)
    };
    let outcome = app.bundles.import(app, body.into_data_stream(), audit).await.map_err(refused::problem)?;
    Ok(Json(outcome.into()))
}
