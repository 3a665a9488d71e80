//! `GET /api/v1/jobs`

use super::convert::{self, Names};
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::jobs::job::JobRow;
use crate::api::list_query::list_query;
use crate::api::page::{AnyOf, Page, Sort};
use crate::api::problem::Problem;
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_deploy::job::{Job, JobKind, JobStatus};

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
    pub(super) struct JobQuery sorted by JobColumn, as "Column to sort by, with `-` before it for largest first: `name`, `created_at`, `updated_at`, `status`." {
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
pub(super) async fn list_jobs(
    granted: Granted<permission::ListJobs>,
    Query(query): Query<JobQuery>,
) -> Result<Json<Page<JobRow>>, Problem> {
    let store = &granted.app().store;
    let text = query.q.get().map(str::to_lowercase);
    let me = granted.actor().user;
    let jobs = store.jobs().await?.into_iter().filter(|job| {
        (query.status.0.is_empty() || query.status.0.contains(&job.status))
            && query.kind.is_none_or(|kind| job.definition.kind == kind)
            && query.owner.is_none_or(|whose| match whose {
                Whose::Me => job.owner == Some(me),
                Whose::CoAuthor => job.co_authors.contains(&me),
            })
            && text.as_ref().is_none_or(|text| job.definition.name.to_lowercase().contains(text))
    });
    let sort = query.sort.unwrap_or(Sort { by: JobColumn::CreatedAt, descending: true });
    let page = cursor::cut(jobs.collect(), sort, query.cursor.as_deref(), query.limit, |job| place(job, sort.by))?;
    let names = Names::read(&granted).await?;
    let last_runs = store.last_runs().await?;
    let mut items = Vec::with_capacity(page.items.len());
    for job in &page.items {
        items.push(convert::row(&granted, &names, job, last_runs.get(&job.id)).await?);
    }
    Ok(Json(Page { items, total: page.total, next: page.next }))
}

fn place(job: &Job, by: JobColumn) -> (Key, String) {
    let key = match by {
        JobColumn::Name => Key::text(&job.definition.name),
        JobColumn::CreatedAt => Key::time(Some(job.created_at)),
        JobColumn::UpdatedAt => Key::time(Some(job.updated_at)),
        JobColumn::Status => Key::text(job.status.as_str()),
    };
    (key, job.id.to_string())
}
