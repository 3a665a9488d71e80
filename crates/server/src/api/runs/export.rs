//! `GET /api/v1/jobs/{job}/runs/{run}/assets/export`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::runs::query::RunAssetQuery;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use fettle_model::ids::RunId;
use uuid::Uuid;

/// All assets of a run that the filters choose, as CSV.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}/assets/export",
    tag = "runs",
    operation_id = "export_run_assets",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run."), RunAssetQuery),
    responses((status = 200, description = "One line per patch of each asset.", body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn export_run_assets(granted: Granted<permission::ViewJob>, Path((job, run)): Path<(JobId, RunId)>, Query(query): Query<RunAssetQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
