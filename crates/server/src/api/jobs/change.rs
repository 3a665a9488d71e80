//! `PATCH /api/v1/jobs/{id}`

use super::{check, convert};
use crate::api::extract::{Json, Path};
use crate::api::jobs::job::{ChangeJob, JobBody};
use crate::api::problem::Problem;
use crate::api::tags::visible::Visible;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use fettle_deploy::job::{AssetSelection, Definition, Job};
use fettle_model::access::Action;
use fettle_model::ids::JobId;

/// Changes a job.
#[utoipa::path(
    patch,
    path = "/jobs/{id}",
    tag = "jobs",
    operation_id = "change_job",
    params(("id" = Uuid, Path, description = "Id of the job.")),
    request_body = ChangeJob,
    responses((status = 200, description = "The job, as it is now.", body = JobBody)),
    extensions(("x-permission" = json!("job.edit"))),
)]
pub(super) async fn change_job(
    granted: Granted<permission::EditJob>,
    Path(id): Path<JobId>,
    Json(body): Json<ChangeJob>,
) -> Result<Json<JobBody>, Problem> {
    let before = granted.job(id).await?;
    let app = granted.app();
    let visible = Visible::of(&granted).await?;
    let definition = edited(&granted, &visible, &before, &body)?;
    check::definition(&granted, &definition, Some(&before.definition)).await?;
    let mut job = before.clone();
    if let Some(owner) = body.owner.filter(|&owner| Some(owner) != before.owner) {
        granted.on_job(Action::ChangeJobOwner, &before)?;
        check::owner(&granted, owner).await?;
        job.owner = Some(owner);
    }
    if let Some(authors) = body.co_authors {
        check::co_authors(&granted, job.owner, &authors).await?;
        job.co_authors = authors;
    }
    let now = granted.now();
    let mut job = if definition == before.definition { job } else { job.edit(definition, now).map_err(check::refused)? };
    job.updated_at = now;
    let audit = granted.audit("job.change", format!("job {id}")).before(&before).after(&job);
    app.store.update_job(&job, before.updated_at, &audit).await?;
    app.signals.ask(Reconciler::ScheduleJobs);
    convert::body(&granted, &job).await.map(Json)
}

/// The definition after the change.
fn edited(granted: &Granted<permission::EditJob>, visible: &Visible, job: &Job, change: &ChangeJob) -> Result<Definition, Problem> {
    let mut definition = job.definition.clone();
    if let Some(name) = &change.name {
        definition.name = name.trim().to_owned();
    }
    if let Some(description) = &change.description {
        definition.description.clone_from(description);
    }
    definition.kind = change.kind.unwrap_or(definition.kind);
    if let Some(patches) = &change.patches {
        definition.patches.clone_from(patches);
    }
    if let Some(schedule) = &change.schedule {
        definition.schedule = schedule.as_ref().map(convert::schedule);
    }
    if let Some(options) = &change.options {
        definition.options = convert::options(options);
    }
    if let Some(assets) = &change.assets {
        let assets = check::with_hidden(granted, visible, &convert::selection(assets.clone()), &definition.assets);
        let named = |selection: &AssetSelection| (selection.include_assets.clone(), selection.exclude_assets.clone());
        let only_helps = job.owner != Some(granted.actor().user) && !granted.may_on_any_job(Action::EditJob);
        if only_helps && named(&assets) != named(&definition.assets) {
            return Err(Problem::invalid_field("assets", "a co-author chooses assets by tag; naming them is the owner's"));
        }
        definition.assets = assets;
    }
    Ok(definition)
}
