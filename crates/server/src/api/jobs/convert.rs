//! From jobs as they are kept to what the API shows of them, cut to the caller's scope.

use super::job::{JobBody, JobRow, OptionsBody, ScheduleBody, SelectionBody, TagMatchBody, UserRef};
use crate::api::assets::row::{AssetRef, PatchRef};
use crate::api::problem::{FieldError, Problem};
use crate::api::runs;
use crate::api::tags::visible::Visible;
use crate::auth::Granted;
use crate::auth::permission::Permission;
use fettle_deploy::job::{AssetSelection, Definition, Job, Options, Schedule, TagMatch};
use fettle_model::access::Action;
use fettle_model::ids::UserId;
use fettle_store::RunRecord;
use std::collections::HashMap;

/// What may be done with a job.
const ACTIONS: [Action; 5] = [Action::ViewJob, Action::EditJob, Action::EnableJob, Action::DeleteJob, Action::ChangeJobOwner];

/// Names of all users, to name owners and co-authors.
pub(crate) struct Names(HashMap<UserId, String>);

impl Names {
    /// Reads them.
    pub(crate) async fn read<P: Permission>(granted: &Granted<P>) -> Result<Self, Problem> {
        let users = granted.app().store.users().await?;
        Ok(Self(users.into_iter().map(|user| (user.id, user.name)).collect()))
    }

    /// Somebody's name; that of one who was removed is gone.
    pub(crate) fn name(&self, id: UserId) -> &str {
        self.0.get(&id).map_or("deleted user", String::as_str)
    }

    fn user(&self, id: UserId) -> UserRef {
        UserRef { id, name: self.name(id).to_owned() }
    }
}

/// One row. Patches and runs are shown to those who may open the job.
pub(super) async fn row<P: Permission>(
    granted: &Granted<P>,
    names: &Names,
    job: &Job,
    last_run: Option<&RunRecord>,
) -> Result<JobRow, Problem> {
    let opens = granted.may(Action::ViewJob, job);
    let last_run = match last_run.filter(|_| opens) {
        Some(run) => Some(runs::convert::body(granted, run.clone()).await?),
        None => None,
    };
    Ok(JobRow {
        id: job.id,
        name: job.definition.name.clone(),
        kind: job.definition.kind,
        status: job.status,
        schedule: job.definition.schedule.as_ref().map(schedule_body),
        owner: job.owner.map(|owner| names.user(owner)),
        created_at: job.created_at,
        updated_at: job.updated_at,
        permissions: ACTIONS.into_iter().filter(|&action| granted.may(action, job)).collect(),
        patch_count: opens.then(|| u32::try_from(job.definition.patches.len()).unwrap_or(u32::MAX)),
        last_run,
    })
}

/// A whole job, for a caller who may open it.
pub(super) async fn body<P: Permission>(granted: &Granted<P>, job: &Job) -> Result<JobBody, Problem> {
    let names = Names::read(granted).await?;
    let visible = Visible::of(granted).await?;
    let last_run = granted.app().store.runs_of(job.id).await?.into_iter().next();
    let view = granted.view();
    let title = |id| view.catalog().by_id(id).map_or_else(|| format!("{id} (no longer in the catalog)"), |entry| entry.patch.title.clone());
    let definition = &job.definition;
    let patches = definition.patches.iter().map(|id| PatchRef { id: id.clone(), title: title(id) }).collect();
    let mut assets = selection_body(&definition.assets);
    assets.include_tags.retain(|&tag| visible.has(tag));
    assets.exclude_tags.retain(|&tag| visible.has(tag));
    assets.include_assets.retain(|&asset| view.asset(asset).is_some());
    assets.exclude_assets.retain(|&asset| view.asset(asset).is_some());
    let named = assets.include_assets.iter().chain(&assets.exclude_assets).filter_map(|&asset| view.asset(asset));
    let named_assets = named.map(|row| AssetRef { id: row.card.id, name: row.card.name.clone() }).collect();
    Ok(JobBody {
        row: row(granted, &names, job, last_run.as_ref()).await?,
        description: definition.description.clone(),
        patches,
        assets,
        named_assets,
        options: options_body(&definition.options),
        co_authors: job.co_authors.iter().map(|&author| names.user(author)).collect(),
        flaws: missing_parts(job),
    })
}

/// What keeps a job from being enabled.
fn missing_parts(job: &Job) -> Vec<FieldError> {
    let definition = &job.definition;
    let assets = &definition.assets;
    let parts = [
        (definition.patches.is_empty(), "patches", "choose at least one patch"),
        (assets.include_tags.is_empty() && assets.include_assets.is_empty(), "assets", "choose at least one asset or tag"),
        (definition.schedule.is_none(), "schedule", "choose when it runs"),
        (job.owner.is_none(), "owner", "a manager must give it an owner"),
    ];
    parts.into_iter().filter(|&(missing, ..)| missing).map(|(_, field, message)| FieldError::new(field, message)).collect()
}

fn schedule_body(schedule: &Schedule) -> ScheduleBody {
    match schedule {
        Schedule::OnDemand => ScheduleBody::OnDemand {},
        Schedule::Once { at } => ScheduleBody::Once { at: *at },
    }
}

/// A schedule as it is kept.
pub(super) fn schedule(body: &ScheduleBody) -> Schedule {
    match body {
        ScheduleBody::OnDemand {} => Schedule::OnDemand,
        ScheduleBody::Once { at } => Schedule::Once { at: *at },
    }
}

fn selection_body(assets: &AssetSelection) -> SelectionBody {
    let matching = |matching| match matching {
        TagMatch::Any => TagMatchBody::Any,
        TagMatch::All => TagMatchBody::All,
    };
    SelectionBody {
        include_tags: assets.include_tags.clone(),
        include_match: matching(assets.include_match),
        exclude_tags: assets.exclude_tags.clone(),
        exclude_match: matching(assets.exclude_match),
        include_assets: assets.include_assets.clone(),
        exclude_assets: assets.exclude_assets.clone(),
    }
}

/// A selection of assets as it is kept.
pub(super) fn selection(body: SelectionBody) -> AssetSelection {
    let matching = |matching| match matching {
        TagMatchBody::Any => TagMatch::Any,
        TagMatchBody::All => TagMatch::All,
    };
    AssetSelection {
        include_tags: body.include_tags,
        include_match: matching(body.include_match),
        exclude_tags: body.exclude_tags,
        exclude_match: matching(body.exclude_match),
        include_assets: body.include_assets,
        exclude_assets: body.exclude_assets,
    }
}

fn options_body(options: &Options) -> OptionsBody {
    OptionsBody { continue_on_failure: options.continue_on_failure, window_minutes: options.window_minutes }
}

/// Options as they are kept.
pub(super) fn options(body: &OptionsBody) -> Options {
    Options { continue_on_failure: body.continue_on_failure, window_minutes: body.window_minutes }
}

/// A new job's definition.
pub(super) fn definition(body: super::job::CreateJob) -> Definition {
    Definition {
        name: body.name.trim().to_owned(),
        description: body.description,
        kind: body.kind,
        patches: body.patches,
        assets: selection(body.assets),
        schedule: body.schedule.as_ref().map(schedule),
        options: options(&body.options),
    }
}
