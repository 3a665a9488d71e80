//! `POST /api/v1/jobs/{id}/enable`

use super::{check, convert};
use crate::api::extract::{Json, Path};
use crate::api::jobs::job::JobBody;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use fettle_model::ids::JobId;

/// Enables a job.
#[utoipa::path(
    post,
    path = "/jobs/{id}/enable",
    tag = "jobs",
    operation_id = "enable_job",
    params(("id" = Uuid, Path, description = "Id of the job.")),
    responses((status = 200, description = "The job, as it is now.", body = JobBody)),
    extensions(("x-permission" = json!("job.enable"))),
)]
pub(super) async fn enable_job(granted: Granted<permission::EnableJob>, Path(id): Path<JobId>) -> Result<Json<JobBody>, Problem> {
    let before = granted.job(id).await?;
    let app = granted.app();
    let job = before.clone().enable(granted.now()).map_err(check::refused)?;
    let audit = granted.audit("job.enable", format!("job {id}")).before(&before.status).after(&job.status);
    app.store.update_job(&job, before.updated_at, &audit).await?;
    app.signals.ask(Reconciler::ScheduleJobs);
    convert::body(&granted, &job).await.map(Json)
}
