//! `GET /api/v1/jobs/{id}/runs`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::api::runs::run::RunBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::JobId;
use uuid::Uuid;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum RunColumn {
        /// When it began.
        StartedAt = "started_at",
    }
}

list_query! {
    /// Paging of runs.
    pub struct RunQuery sorted by RunColumn, as "Column to sort by, with `-` before it for largest first: `started_at`." {
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
pub(super) async fn list_runs(granted: Granted<permission::ViewJob>, Path(id): Path<JobId>, Query(query): Query<RunQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
