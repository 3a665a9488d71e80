//! `GET /api/v1/jobs/{job}/runs/{run}/assets/export`

use super::convert;
use super::run::RunAssetDetail;
use crate::api::export;
use crate::api::extract::{Path, Query};
use crate::api::problem::Problem;
use crate::api::runs::query::{RunAssetFilterQuery, RunAssetQuery};
use crate::auth::{Granted, permission};
use axum::response::Response;
use fettle_model::ids::{JobId, RunId};
use futures::TryStreamExt;

const COLUMNS: &[&str] = &[
    "asset_id",
    "asset",
    "asset_status",
    "left_out",
    "asset_failure",
    "patch",
    "title",
    "patch_status",
    "failure",
    "exit_code",
    "changes",
    "updated_at",
];

/// All assets of a run that the filters choose, as CSV.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}/assets/export",
    tag = "runs",
    operation_id = "export_run_assets",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run."), RunAssetFilterQuery),
    responses((status = 200, description = "One line per patch of each asset.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn export_run_assets(
    granted: Granted<permission::ViewJob>,
    Path((job, run)): Path<(JobId, RunId)>,
    Query(query): Query<RunAssetFilterQuery>,
) -> Result<Response, Problem> {
    convert::find(&granted, job, run).await?;
    let query = RunAssetQuery::from(query);
    let status = query.patch_status;
    let pieces = convert::pieces(&granted, run, convert::filter(&query)).map_ok(move |piece| {
        let parts = piece.iter().filter(|part| convert::has_patch(part, status));
        parts.flat_map(|part| lines(&convert::detail(part))).collect()
    });
    Ok(export::csv_pieces("run", COLUMNS, pieces))
}

/// One line per patch; one for an asset without patches.
fn lines(part: &RunAssetDetail) -> Vec<Vec<String>> {
    let row = &part.row;
    let asset = [
        row.asset.id.to_string(),
        row.asset.name.clone(),
        row.status.map(|status| status.to_string()).unwrap_or_default(),
        row.left_out.as_ref().map(|left_out| left_out.sentence.clone()).unwrap_or_default(),
        row.failure.as_ref().map(|failure| failure.sentence.clone()).unwrap_or_default(),
    ];
    let updated = [row.updated_at.to_string()];
    let patches = part.patches.iter().map(|patch| {
        let changes: Vec<String> = patch.changes.iter().map(|change| format!("{} {} -> {}", change.name, change.from, change.to)).collect();
        let failure = patch.failure.as_ref();
        [
            patch.id.to_string(),
            patch.title.clone(),
            patch.status.to_string(),
            failure.map(|failure| failure.sentence.clone()).unwrap_or_default(),
            failure.and_then(|failure| failure.exit_code).map(|code| code.to_string()).unwrap_or_default(),
            changes.join("; "),
        ]
    });
    let mut cells: Vec<[String; 6]> = patches.collect();
    if cells.is_empty() {
        cells.push(Default::default());
    }
    cells.into_iter().map(|cells| asset.iter().cloned().chain(cells).chain(updated.clone()).collect()).collect()
}
