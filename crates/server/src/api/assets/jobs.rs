//! `GET /api/v1/assets/{id}/jobs`

use crate::api::assets::row::AssetJobRow;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Path, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_deploy::job::Job;
use fettle_model::access::Action;
use fettle_model::ids::{AssetId, JobId};
use fettle_store::RunRecord;
use std::collections::HashMap;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum AssetJobColumn {
        /// When it began.
        StartedAt = "started_at",
    }
}

list_query! {
    /// Paging of an asset's jobs.
    pub(super) struct AssetJobQuery sorted by AssetJobColumn, as "Column to sort by, with `-` before it for largest first: `started_at`." {
    }
}

/// Runs an asset took part in, newest first. Only jobs that the caller may open.
#[utoipa::path(
    get,
    path = "/assets/{id}/jobs",
    tag = "assets",
    operation_id = "list_asset_jobs",
    params(("id" = Uuid, Path, description = "Id of the asset."), AssetJobQuery),
    responses((status = 200, description = "One page.", body = Page<AssetJobRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_asset_jobs(
    granted: Granted<permission::ViewFleet>,
    Path(id): Path<AssetId>,
    Query(query): Query<AssetJobQuery>,
) -> Result<Json<Page<AssetJobRow>>, Problem> {
    granted.asset(id)?;
    let store = &granted.app().store;
    let jobs: HashMap<JobId, Job> = store.jobs().await?.into_iter().map(|job| (job.id, job)).collect();
    let text = query.q.get().map(str::to_lowercase);
    // A deleted job is nobody's any more: only who may view any job still sees its runs.
    let visible = |run: &RunRecord| match jobs.get(&run.job) {
        Some(job) => granted.may(Action::ViewJob, job),
        None => granted.may_on_any_job(Action::ViewJob),
    };
    let runs = store.runs_of_asset(id).await?.into_iter().filter(|(run, _)| visible(run));
    let rows = runs.map(|(run, part)| AssetJobRow {
        job: run.job,
        name: run.job_name,
        run: run.id,
        started_at: run.started_at,
        status: part.state.status,
    });
    let rows = rows.filter(|row| text.as_ref().is_none_or(|text| row.name.to_lowercase().contains(text))).collect();
    let sort = query.sort.unwrap_or(Sort { by: AssetJobColumn::StartedAt, descending: true });
    let place = |row: &AssetJobRow| (Key::time(Some(row.started_at)), row.run.to_string());
    cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, place).map(Json)
}
