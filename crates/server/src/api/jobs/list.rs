//! `GET /api/v1/jobs`

use crate::api::list_query::list_query;
use crate::api::page::AnyOf;
use crate::api::words;
use fettle_deploy::job::{JobKind, JobStatus};
use axum::response::Response;
use crate::api::extract::Query;
use crate::api::jobs::job::JobRow;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

fettle_model::text_enum! {
    /// What jobs can be sorted by.
    pub enum JobColumn {
        /// Name.
        Name = "name",
        /// When it was made.
        CreatedAt = "created_at",
        /// When it was last changed.
        UpdatedAt = "updated_at",
        /// Status.
        Status = "status",
    }
}

fettle_model::text_enum! {
    /// Whose jobs.
    pub enum Whose {
        /// Those of the caller.
        Me = "me",
        /// Those the caller is a co-author of.
        CoAuthor = "co_author",
    }
}

list_query! {
    /// Filters of jobs.
    pub struct JobQuery sorted by JobColumn, as "Column to sort by, with `-` before it for largest first: `name`, `created_at`, `updated_at`, `status`." {
        /// Statuses, comma-separated.
        #[param(value_type = Option<String>)]
        status: AnyOf<JobStatus>,
        /// Install or uninstall.
        #[param(value_type = Option<words::JobKind>)]
        kind: Option<JobKind>,
        /// `me`: jobs of the caller; `co_author`: jobs they are a co-author of.
        #[param(value_type = Option<String>)]
        owner: Option<Whose>,
    }
}

/// All jobs.
#[utoipa::path(
    get,
    path = "/jobs",
    tag = "jobs",
    operation_id = "list_jobs",
    params(JobQuery),
    responses((status = 200, description = "One page.", body = Page<JobRow>)),
    extensions(("x-permission" = json!("job.list"))),
)]
pub(super) async fn list_jobs(granted: Granted<permission::ListJobs>, Query(query): Query<JobQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
