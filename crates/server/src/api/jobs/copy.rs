//! `POST /api/v1/jobs/{id}/clone`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::jobs::job::JobBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use uuid::Uuid;

/// Copies a job. The copy belongs to the caller and is disabled.
#[utoipa::path(
    post,
    path = "/jobs/{id}/clone",
    tag = "jobs",
    operation_id = "clone_job",
    params(("id" = Uuid, Path, description = "Id of the job."), IdempotencyHeader),
    responses((status = 201, description = "The copy.", body = JobBody)),
    extensions(("x-permission" = json!("job.create"))),
)]
pub(super) async fn clone_job(granted: Granted<permission::CreateJob>, Path(id): Path<JobId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
