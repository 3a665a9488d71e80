//! `POST /api/v1/jobs`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::idempotency::IdempotencyHeader;
use crate::api::jobs::job::CreateJob;
use crate::api::jobs::job::JobBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Makes a job.
#[utoipa::path(
    post,
    path = "/jobs",
    tag = "jobs",
    operation_id = "create_job",
    params(IdempotencyHeader),
    request_body = CreateJob,
    responses((status = 201, description = "Made.", body = JobBody)),
    extensions(("x-permission" = json!("job.create"))),
)]
pub(super) async fn create_job(granted: Granted<permission::CreateJob>, Json(body): Json<CreateJob>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
