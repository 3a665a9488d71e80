//! `GET /api/v1/jobs/{job}/runs/{run}/assets`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::api::runs::query::RunAssetQuery;
use crate::api::runs::run::RunAssetRow;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use fettle_model::ids::RunId;
use uuid::Uuid;

/// Assets of a run.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}/assets",
    tag = "runs",
    operation_id = "list_run_assets",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run."), RunAssetQuery),
    responses((status = 200, description = "One page.", body = Page<RunAssetRow>)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn list_run_assets(granted: Granted<permission::ViewJob>, Path((job, run)): Path<(JobId, RunId)>, Query(query): Query<RunAssetQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
