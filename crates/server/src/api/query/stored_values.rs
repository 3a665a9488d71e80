//! Values to suggest that are in the store: of jobs, of results and of the audit log.
//!
//! Somebody waits for them at every key, so only the newest records are looked at: what people ask for is mostly what
//! happened lately, and what is older can be asked for without being suggested.

use super::values::goes_on;
use crate::api::jobs::convert::Names;
use crate::api::problem::Problem;
use crate::api::tags::visible::Visible;
use crate::auth::Granted;
use crate::auth::permission::Permission;
use fettle_deploy::job::Job;
use fettle_deploy::reason::FailureReason;
use fettle_model::access::{Action, allowed};
use fettle_model::ids::JobId;
use fettle_query::registry::{AuditField, JobField, ResultField};
use fettle_query::{Checked, Entity, text};
use fettle_store::AuditColumn;
use std::collections::{BTreeMap, HashSet};

/// Jobs looked at. Each may list 2,000 patches, so that these are some megabytes at worst, and usually a few hundred
/// kilobytes.
const JOBS: u32 = 400;
/// Runs looked at: one short row each.
const RUNS: u32 = 1_000;
/// Entries of the audit log looked at: one column of rows that lie together, some milliseconds.
const ENTRIES: u32 = 10_000;

/// Values with how many of the records that were looked at have them, the most frequent first.
type Counted = Vec<(String, u64)>;

/// Values of a field of jobs. Names and owners are in the list of jobs, which everybody may read; the rest comes from
/// jobs that the caller may open.
pub(super) async fn of_jobs<P: Permission>(granted: &Granted<P>, field: JobField, typed: &str) -> Result<Counted, Problem> {
    if !allowed(granted.actor().role, Action::ListJobs) {
        return Ok(Vec::new());
    }
    if field == JobField::Tag {
        let visible = Visible::of(granted).await?;
        return Ok(fitting(visible.tags().iter().map(|tag| tag.name.clone()), typed));
    }
    if !matches!(field, JobField::Name | JobField::Owner | JobField::CoAuthor) {
        return Ok(Vec::new());
    }
    let jobs = granted.app().store.jobs_that_may(&Checked::everything(Entity::Job), None, JOBS).await?;
    let names = Names::read(granted).await?;
    let values = |job: &Job| match field {
        JobField::Owner => job.owner.iter().map(|&owner| names.name(owner).to_owned()).collect(),
        JobField::CoAuthor if granted.may(Action::ViewJob, job) => {
            job.co_authors.iter().map(|&author| names.name(author).to_owned()).collect()
        }
        JobField::Name => vec![job.definition.name.clone()],
        _ => Vec::new(),
    };
    Ok(fitting(jobs.iter().flat_map(values), typed))
}

/// Values of a field of results, from runs of jobs that the caller may open.
pub(super) async fn of_results<P: Permission>(granted: &Granted<P>, field: ResultField, typed: &str) -> Result<Counted, Problem> {
    if !allowed(granted.actor().role, Action::ViewJob) {
        return Ok(Vec::new());
    }
    match field {
        ResultField::Reason => return Ok(fitting(FailureReason::ALL.iter().map(ToString::to_string), typed)),
        ResultField::Job | ResultField::Run => {}
        _ => return Ok(Vec::new()),
    }
    let store = &granted.app().store;
    let mut runs = store.newest_runs(RUNS).await?;
    if !granted.may_on_any_job(Action::ViewJob) {
        let ids: HashSet<JobId> = runs.iter().map(|run| run.job).collect();
        let ids: Vec<JobId> = ids.into_iter().collect();
        let jobs = store.jobs_by_id(&ids).await?;
        let opened: HashSet<JobId> = jobs.iter().filter(|job| granted.may(Action::ViewJob, job)).map(|job| job.id).collect();
        runs.retain(|run| opened.contains(&run.job));
    }
    if field == ResultField::Job {
        return Ok(fitting(runs.into_iter().map(|run| run.job_name), typed));
    }
    // An id says nothing, and every run has its own: the newest first, which are those that people look for.
    let folded = text::fold(typed);
    let ids = runs.iter().map(|run| run.id.to_string()).filter(|id| goes_on(id, &folded));
    Ok(ids.map(|id| (id, 0)).collect())
}

/// Values of a field of the audit log.
pub(super) async fn of_audit<P: Permission>(granted: &Granted<P>, field: AuditField, typed: &str) -> Result<Counted, Problem> {
    if !allowed(granted.actor().role, Action::Administer) {
        return Ok(Vec::new());
    }
    let column = match field {
        AuditField::Actor => AuditColumn::Actor,
        AuditField::From => AuditColumn::From,
        AuditField::Action => AuditColumn::Action,
        AuditField::Subject => AuditColumn::Subject,
        AuditField::At => return Ok(Vec::new()),
    };
    let folded = text::fold(typed);
    let mut values = granted.app().store.audit_values(column, ENTRIES).await?;
    values.retain(|(value, _)| goes_on(&text::fold(value), &folded));
    Ok(values)
}

/// Those values that go on from what is typed, the most frequent first.
fn fitting(values: impl Iterator<Item = String>, typed: &str) -> Counted {
    let typed = text::fold(typed);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for value in values.filter(|value| !value.is_empty() && goes_on(&text::fold(value), &typed)) {
        *counts.entry(value).or_default() += 1;
    }
    let mut counted: Counted = counts.into_iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted
}
