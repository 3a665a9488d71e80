//! `GET /api/v1/jobs/{id}/preview`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::jobs::job::Preview;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use uuid::Uuid;

/// What the job would do if it ran now.
#[utoipa::path(
    get,
    path = "/jobs/{id}/preview",
    tag = "jobs",
    operation_id = "preview_job",
    params(("id" = Uuid, Path, description = "Id of the job.")),
    responses((status = 200, description = "The plan.", body = Preview)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn preview_job(granted: Granted<permission::ViewJob>, Path(id): Path<JobId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
