//! `POST /api/v1/jobs/{job}/runs/{run}/cancel`

use super::convert;
use crate::Event;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::runs::run::RunBody;
use crate::auth::{Granted, permission};
use crate::work::Reconciler;
use fettle_model::ids::{JobId, RunId};

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
pub(super) async fn cancel_run(
    granted: Granted<permission::EnableJob>,
    Path((job, run)): Path<(JobId, RunId)>,
) -> Result<Json<RunBody>, Problem> {
    convert::find(&granted, job, run).await?;
    let app = granted.app();
    let audit = granted.audit("run.cancel", format!("run {run} of job {job}"));
    let outcome = app.store.cancel_run(run, granted.now(), &audit).await?;
    app.nudges.wake_many(outcome.assets);
    outcome.runs.into_iter().for_each(|run| app.tell(Event::Run(run)));
    app.signals.ask(Reconciler::CloseRuns);
    let found = convert::find(&granted, job, run).await?;
    convert::body(&granted, found).await.map(Json)
}
