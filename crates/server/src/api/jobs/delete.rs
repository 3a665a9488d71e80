//! `DELETE /api/v1/jobs/{id}`

use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use axum::http::StatusCode;
use fettle_model::ids::JobId;

/// Deletes a job. What has not begun does not begin; results stay in the audit log.
#[utoipa::path(
    delete,
    path = "/jobs/{id}",
    tag = "jobs",
    operation_id = "delete_job",
    params(("id" = Uuid, Path, description = "Id of the job.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("job.delete"))),
)]
pub(super) async fn delete_job(granted: Granted<permission::DeleteJob>, Path(id): Path<JobId>) -> Result<StatusCode, Problem> {
    let job = granted.job(id).await?;
    let app = granted.app();
    let audit = granted.audit("job.delete", format!("job {id}")).before(&job);
    let assets = app.store.delete_job(id, granted.now(), &audit).await?;
    app.nudges.wake_many(assets);
    app.signals.ask(Reconciler::CloseRuns);
    Ok(StatusCode::NO_CONTENT)
}
