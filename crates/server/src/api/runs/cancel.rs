//! `POST /api/v1/jobs/{job}/runs/{run}/cancel`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::api::runs::run::RunBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use fettle_model::ids::RunId;
use uuid::Uuid;

/// Cancels what has not begun in a run.
#[utoipa::path(
    post,
    path = "/jobs/{job}/runs/{run}/cancel",
    tag = "runs",
    operation_id = "cancel_run",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run.")),
    responses((status = 200, description = "The run, as it is now.", body = RunBody)),
    extensions(("x-permission" = json!("job.enable"))),
)]
pub(super) async fn cancel_run(granted: Granted<permission::EnableJob>, Path((job, run)): Path<(JobId, RunId)>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
