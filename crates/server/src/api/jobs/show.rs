//! `GET /api/v1/jobs/{id}`

use super::convert;
use crate::api::extract::{Json, Path};
use crate::api::jobs::job::JobBody;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;

/// One job.
#[utoipa::path(
    get,
    path = "/jobs/{id}",
    tag = "jobs",
    operation_id = "show_job",
    params(("id" = Uuid, Path, description = "Id of the job.")),
    responses((status = 200, description = "The job.", body = JobBody)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn show_job(granted: Granted<permission::ViewJob>, Path(id): Path<JobId>) -> Result<Json<JobBody>, Problem> {
    let job = granted.job(id).await?;
    convert::body(&granted, &job).await.map(Json)
}
