//! `GET /api/v1/jobs/{job}/runs/{run}/assets`

use super::convert;
use super::query::RunAssetColumn;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Path, Query};
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::api::runs::query::RunAssetQuery;
use crate::api::runs::run::RunAssetRow;
use crate::auth::{Granted, permission};
use fettle_model::access::Scope;
use fettle_model::ids::{JobId, RunId};
use fettle_store::RunAssetRecord;
use futures::TryStreamExt;

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
    let sort = query.sort.unwrap_or(Sort { by: RunAssetColumn::Name, descending: false });
    let place = |part: &RunAssetRecord| (Key::text(&part.name), part.asset.to_string());
    let filter = convert::filter(&query);
    let page = if *granted.actor().scope() == Scope::Everything && query.patch_status.is_none() && !sort.descending {
        // The store's own order, and nothing to leave out: it reads this page and no more.
        let after = match cursor::after(query.cursor.as_deref(), &sort)? {
            Some((Key::Text(name), asset)) => asset.parse().ok().map(|asset| (name, asset)),
            _ => None,
        };
        let limit = u32::try_from(query.limit.get() + 1).unwrap_or(u32::MAX);
        let (parts, total) = granted.app().store.run_assets(run, &filter, after, limit).await?;
        cursor::page(parts, total, &sort, query.limit, place)?
    } else {
        let mut parts: Vec<RunAssetRecord> = convert::pieces(&granted, run, filter).try_concat().await?;
        parts.retain(|part| convert::has_patch(part, query.patch_status));
        cursor::cut(parts, sort, query.cursor.as_deref(), query.limit, place)?
    };
    Ok(Json(page.map(|part| convert::row(&part))))
}
