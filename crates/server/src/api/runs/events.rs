//! `GET /api/v1/jobs/{job}/runs/{run}/events`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::api::runs::run::RunBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use fettle_model::ids::RunId;
use uuid::Uuid;

/// Follows a run: a server-sent event `progress` with the run whenever it changed, the first at once.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}/events",
    tag = "runs",
    operation_id = "watch_run",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run.")),
    responses((status = 200, description = "Events until the run has ended.", body = RunBody, content_type = "text/event-stream")),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn watch_run(granted: Granted<permission::ViewJob>, Path((job, run)): Path<(JobId, RunId)>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
