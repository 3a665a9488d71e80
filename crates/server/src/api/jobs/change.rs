//! `PATCH /api/v1/jobs/{id}`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::extract::Path;
use crate::api::jobs::job::ChangeJob;
use crate::api::jobs::job::JobBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use uuid::Uuid;

/// Changes a job.
#[utoipa::path(
    patch,
    path = "/jobs/{id}",
    tag = "jobs",
    operation_id = "change_job",
    params(("id" = Uuid, Path, description = "Id of the job.")),
    request_body = ChangeJob,
    responses((status = 200, description = "The job, as it is now.", body = JobBody)),
    extensions(("x-permission" = json!("job.edit"))),
)]
pub(super) async fn change_job(granted: Granted<permission::EditJob>, Path(id): Path<JobId>, Json(body): Json<ChangeJob>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
