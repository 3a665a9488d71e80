//! `POST /api/v1/jobs/{id}/enable`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::jobs::job::JobBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use uuid::Uuid;

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
pub(super) async fn enable_job(granted: Granted<permission::EnableJob>, Path(id): Path<JobId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
