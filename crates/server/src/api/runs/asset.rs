//! `GET /api/v1/jobs/{job}/runs/{run}/assets/{asset}`

use super::convert;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::runs::run::RunAssetDetail;
use crate::auth::{Granted, permission};
use fettle_model::ids::{AssetId, JobId, RunId};

/// One asset of a run with its patches.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}/assets/{asset}",
    tag = "runs",
    operation_id = "show_run_asset",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run."), ("asset" = Uuid, Path, description = "Id of the asset.")),
    responses((status = 200, description = "The asset.", body = RunAssetDetail)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn show_run_asset(
    granted: Granted<permission::ViewJob>,
    Path((job, run, asset)): Path<(JobId, RunId, AssetId)>,
) -> Result<Json<RunAssetDetail>, Problem> {
    convert::find(&granted, job, run).await?;
    let part = granted.app().store.run_asset(run, asset).await?.filter(|part| convert::sees(granted.actor(), &granted.view(), part.asset));
    let part = part.ok_or_else(|| Problem::not_found("asset in this run"))?;
    Ok(Json(convert::detail(&part)))
}
