//! `POST /api/v1/jobs`

use super::{check, convert};
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::jobs::job::{CreateJob, JobBody};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use axum::response::Response;
use fettle_deploy::job::Job;
use fettle_model::access::Action;
use fettle_model::ids::JobId;

/// Makes a job.
#[utoipa::path(
    post,
    path = "/jobs",
    tag = "jobs",
    operation_id = "create_job",
    params(IdempotencyHeader),
    request_body = CreateJob,
    responses((status = 201, description = "Made.", body = JobBody)),
    extensions(("x-permission" = json!("job.create"))),
)]
pub(super) async fn create_job(
    granted: Granted<permission::CreateJob>,
    key: IdempotencyKey,
    Json(body): Json<CreateJob>,
) -> Result<Response, Problem> {
    let (co_authors, enable) = (body.co_authors.clone(), body.enable);
    let request = body.clone();
    let definition = convert::definition(body);
    check::definition(&granted, &definition, None).await?;
    let owner = granted.actor().user;
    check::co_authors(&granted, Some(owner), &co_authors).await?;
    once(&granted, key, &request, async {
        let app = granted.app();
        let now = granted.now();
        let mut job = Job::new(JobId::make(now, app.entropy.ten()), definition, Some(owner), now).map_err(check::refused)?;
        job.co_authors = co_authors;
        if enable {
            granted.on_job(Action::EnableJob, &job)?;
            job = job.enable(now).map_err(check::refused)?;
        }
        app.store.create_job(&job, &granted.audit("job.create", format!("job {}", job.id)).after(&job)).await?;
        if enable {
            app.signals.ask(Reconciler::ScheduleJobs);
        }
        Ok(Created { location: format!("/jobs/{}", job.id), body: convert::body(&granted, &job).await? })
    })
    .await
}
