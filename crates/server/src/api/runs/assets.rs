//! `GET /api/v1/jobs/{job}/runs/{run}/assets`

use super::convert;
use super::query::RunAssetColumn;
use crate::api::cursor::{self, Key};
use crate::api::extract::Json;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::api::runs::query::RunAssetQuery;
use crate::api::runs::run::RunAssetRow;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use fettle_model::ids::RunId;
use fettle_store::RunAssetRecord;

/// Assets of a run.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}/assets",
    tag = "runs",
    operation_id = "list_run_assets",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run."), RunAssetQuery),
    responses((status = 200, description = "One page.", body = Page<RunAssetRow>)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn list_run_assets(
    granted: Granted<permission::ViewJob>,
    Path((job, run)): Path<(JobId, RunId)>,
    Query(query): Query<RunAssetQuery>,
) -> Result<Json<Page<RunAssetRow>>, Problem> {
    convert::find(&granted, job, run).await?;
    let mut parts = convert::visible(&granted, run, &convert::filter(&query)).await?;
    if let Some(status) = query.patch_status {
        parts.retain(|part| part.state.patches.iter().any(|patch| patch.status == status));
    }
    let sort = query.sort.unwrap_or(Sort { by: RunAssetColumn::Name, descending: false });
    let place = |part: &RunAssetRecord| (Key::text(&part.name), part.asset.to_string());
    let page = cursor::cut(parts, sort, query.cursor.as_deref(), query.limit, place)?;
    Ok(Json(page.map(|part| convert::row(&part))))
}
