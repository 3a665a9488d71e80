//! `POST /api/v1/jobs/{id}/clone`

use super::convert;
use crate::api::extract::Path;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::jobs::job::JobBody;
use crate::api::problem::Problem;
use crate::api::tags::visible::Visible;
use crate::auth::{Changed, Granted, permission};
use axum::response::Response;
use fettle_deploy::job::Job;
use fettle_model::access::Action;
use fettle_model::ids::JobId;

/// Copies a job. The copy belongs to the caller and is disabled.
#[utoipa::path(
    post,
    path = "/jobs/{id}/clone",
    tag = "jobs",
    operation_id = "clone_job",
    params(("id" = Uuid, Path, description = "Id of the job."), IdempotencyHeader),
    responses((status = 201, description = "The copy.", body = JobBody)),
    extensions(("x-permission" = json!("job.create"))),
)]
pub(super) async fn clone_job(
    granted: Granted<permission::CreateJob>,
    key: IdempotencyKey,
    Path(id): Path<JobId>,
) -> Result<Response, Problem> {
    let app = granted.app();
    let original = app.store.job(id).await?.ok_or_else(|| Problem::not_found("job"))?;
    granted.on_job(Action::ViewJob, &original)?;
    once(&granted, key, &id, async {
        let now = granted.now();
        let mut job = original.clone_for(JobId::make(now, app.entropy.ten()), granted.actor().user, now);
        // The copy belongs to somebody who may see less: nothing they do not see comes with it.
        let view = granted.view();
        let visible = Visible::of(&granted).await?;
        let assets = &mut job.definition.assets;
        assets.include_assets.retain(|&asset| view.asset(asset).is_some());
        assets.exclude_assets.retain(|&asset| view.asset(asset).is_some());
        assets.include_tags.retain(|&tag| visible.has(tag));
        assets.exclude_tags.retain(|&tag| visible.has(tag));
        let job = Job { co_authors: Vec::new(), ..job };
        app.store.create_job(&job, &granted.audit("job.clone", format!("job {} of job {id}", job.id)).after(&job)).await?;
        Ok(Created { location: format!("/jobs/{}", job.id), body: convert::body(&granted, &job).await? })
    })
    .await
}
