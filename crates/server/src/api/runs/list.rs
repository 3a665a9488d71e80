//! `GET /api/v1/jobs/{id}/runs`

use super::convert;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Path, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::api::runs::run::RunBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use fettle_store::RunRecord;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum RunColumn {
        /// When it began.
        StartedAt = "started_at",
    }
}

list_query! {
    /// Paging of runs.
    pub(super) struct RunQuery sorted by RunColumn, as "Column to sort by, with `-` before it for largest first: `started_at`." {
    }
}

/// Runs of a job, newest first.
#[utoipa::path(
    get,
    path = "/jobs/{id}/runs",
    tag = "runs",
    operation_id = "list_runs",
    params(("id" = Uuid, Path, description = "Id of the job."), RunQuery),
    responses((status = 200, description = "One page.", body = Page<RunBody>)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn list_runs(
    granted: Granted<permission::ViewJob>,
    Path(id): Path<JobId>,
    Query(query): Query<RunQuery>,
) -> Result<Json<Page<RunBody>>, Problem> {
    granted.job(id).await?;
    let runs = granted.app().store.runs_of(id).await?;
    let sort = query.sort.unwrap_or(Sort { by: RunColumn::StartedAt, descending: true });
    let place = |run: &RunRecord| (Key::time(Some(run.started_at)), run.id.to_string());
    let page = cursor::cut(runs, sort, query.cursor.as_deref(), query.limit, place)?;
    let mut items = Vec::with_capacity(page.items.len());
    for run in page.items {
        items.push(convert::body(&granted, run).await?);
    }
    Ok(Json(Page { items, total: page.total, next: page.next }))
}
