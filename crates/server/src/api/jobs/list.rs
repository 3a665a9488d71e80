//! `GET /api/v1/jobs`

use super::convert::{self, Names};
use super::list_asked::Asked;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::jobs::job::JobRow;
use crate::api::list_query::list_query;
use crate::api::page::{AnyOf, Page, Sort};
use crate::api::problem::Problem;
use crate::api::query::asked::{QueryText, checked};
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_deploy::job::{Job, JobKind, JobStatus};
use fettle_model::ids::JobId;
use fettle_query::Entity;
use std::collections::HashMap;

fettle_model::text_enum! {
    /// What jobs can be sorted by.
    pub enum JobColumn {
        /// Name.
        Name = "name",
        /// When it was made.
        Created = "created",
        /// When it was last changed.
        Updated = "updated",
        /// Status.
        Status = "status",
        /// Name of the owner.
        Owner = "owner",
        /// When its last run started.
        LastRun = "lastRun",
        /// The same as `created`.
        CreatedAt = "created_at",
        /// The same as `updated`.
        UpdatedAt = "updated_at",
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
    /// Filters of jobs; all that are given must hold.
    pub(super) struct JobQuery sorted by JobColumn, as "Column to sort by, with `-` before it for largest first: `name`, `created`, `updated`, `status`, `owner`, `lastRun`." {
        /// Query over jobs; empty for all. What the caller may not see of a job has no value in it.
        #[param(value_type = Option<String>, max_length = 16384)]
        query: QueryText,
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
    let sort = query.sort.unwrap_or(Sort { by: JobColumn::Created, descending: true });
    let asked = Asked::new(&granted, checked(granted.now(), Entity::Job, "query", query.query.raw())?, sort.by).await?;
    let (text, me) = (query.q.get().map(str::to_lowercase), granted.actor().user);
    let filter = |job: &Job| {
        (query.status.0.is_empty() || query.status.0.contains(&job.status))
            && query.kind.is_none_or(|kind| job.definition.kind == kind)
            && query.owner.is_none_or(|whose| match whose {
                Whose::Me => job.owner == Some(me),
                Whose::CoAuthor => job.co_authors.contains(&me),
            })
            && text.as_ref().is_none_or(|text| job.definition.name.to_lowercase().contains(text))
    };
    let found = asked.found(&granted, filter).await?;
    let page = cursor::cut(found, sort, query.cursor.as_deref(), query.limit, |(key, id)| (key.clone(), id.to_string()))?;
    let ids: Vec<JobId> = page.items.iter().map(|(_, id)| *id).collect();
    Ok(Json(Page { items: rows(&granted, &asked.names, &ids).await?, total: page.total, next: page.next }))
}

/// The rows of a page, in its order. A job that was deleted in the meantime is left out.
async fn rows(granted: &Granted<permission::ListJobs>, names: &Names, ids: &[JobId]) -> Result<Vec<JobRow>, Problem> {
    let store = &granted.app().store;
    let jobs: HashMap<JobId, Job> = store.jobs_by_id(ids).await?.into_iter().map(|job| (job.id, job)).collect();
    let last_runs = store.last_runs_of(ids).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for job in ids.iter().filter_map(|id| jobs.get(id)) {
        rows.push(convert::row(granted, names, job, last_runs.get(&job.id)).await?);
    }
    Ok(rows)
}

/// What a job is sorted by. A run that the caller does not see is none.
pub(super) fn key(job: &Job, owner: Option<&str>, last_run: Option<jiff::Timestamp>, by: JobColumn) -> Key {
    match by {
        JobColumn::Name => Key::text(&job.definition.name),
        JobColumn::Created | JobColumn::CreatedAt => Key::time(Some(job.created_at)),
        JobColumn::Updated | JobColumn::UpdatedAt => Key::time(Some(job.updated_at)),
        JobColumn::Status => Key::text(job.status.as_str()),
        JobColumn::Owner => Key::text(owner.unwrap_or_default()),
        JobColumn::LastRun => Key::time(last_run),
    }
}
