//! `GET /api/v1/jobs/{job}/runs/{run}`

use super::convert;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::runs::run::RunBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::{JobId, RunId};

/// One run.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}",
    tag = "runs",
    operation_id = "show_run",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run.")),
    responses((status = 200, description = "The run.", body = RunBody)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn show_run(
    granted: Granted<permission::ViewJob>,
    Path((job, run)): Path<(JobId, RunId)>,
) -> Result<Json<RunBody>, Problem> {
    let found = convert::find(&granted, job, run).await?;
    convert::body(&granted, found).await.map(Json)
}
