//! Starting the runs of jobs whose time has come.

use super::{Reconciler, WorkError, store};
use crate::planning::{self, PlanningError};
use crate::{App, Event};
use fettle_deploy::job::{Job, Schedule};
use fettle_deploy::plan::{Plan, PlannedAsset, Terms};
use fettle_deploy::run::AssetRun;
use fettle_model::ids::{AssetId, RunId};
use fettle_store::{IssueError, NewRun, NewRunAsset, StartOutcome};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Without a window a run stays open until every asset has tried; a machine that is away for longer than its
/// certificate lives has to enrol again anyway.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Work begun in the window may go on after it, over restarts and nights.
const AFTER_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Plans, signs and starts the runs of enabled jobs that are due. One job's trouble does not keep others back.
pub(super) async fn schedule(app: &App) -> Result<String, WorkError> {
    let now = app.clock.now();
    let jobs = app.store.enabled_jobs().await.map_err(store("read enabled jobs"))?;
    let due: Vec<Job> = jobs.into_iter().filter(|job| job.definition.schedule.as_ref().is_some_and(|schedule| schedule.due(now))).collect();
    if due.is_empty() {
        return Ok(String::new());
    }
    let last = app.store.last_runs().await.map_err(store("read the last runs of jobs"))?;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for job in due {
        let Some(slot) = job.definition.schedule.as_ref().map(slot) else { continue };
        // Planning is the costly part, so a slot that was started is passed over before; the store decides.
        if last.get(&job.id).is_some_and(|run| run.slot == slot) {
            continue;
        }
        match Box::pin(start(app, &job, slot, now)).await {
            Ok(result) => done.push(format!("{}: {result}", job.definition.name)),
            Err(error) => failed.push(format!("{}: {}", job.definition.name, crate::gateway::chain(&error))),
        }
    }
    if failed.is_empty() { Ok(done.join("; ")) } else { Err(WorkError::Some(failed.join("; "))) }
}

fn slot(schedule: &Schedule) -> Timestamp {
    Timestamp::from_microsecond(schedule.slot()).unwrap_or(Timestamp::UNIX_EPOCH)
}

async fn start(app: &App, job: &Job, slot: Timestamp, now: Timestamp) -> Result<String, PlanningError> {
    let plan = Box::pin(planning::plan(app, job)).await?;
    let run = RunId::make(now, app.entropy.ten());
    let planned: HashMap<AssetId, &PlannedAsset> = plan.assets.iter().map(|asset| (asset.asset, asset)).collect();
    let window = job.definition.options.window_from(now);
    let expires_at = window.map_or(now + LONGEST_LIFE, |end| end + AFTER_WINDOW);
    let new = NewRun { id: run, job: job.id, slot, now, planned_from: job.updated_at, assets: rows(&plan) };
    let sign = |asset: &NewRunAsset, generation: u64| {
        let planned = planned.get(&asset.asset).ok_or_else(|| IssueError::from("an asset takes part that was not planned"))?;
        let terms = Terms { job: job.id, definition: &job.definition, run, generation, start: now, expires_at };
        Ok(app.authority.sign(&planned.manifest(&terms))?)
    };
    match app.store.start_run(&new, sign).await? {
        StartOutcome::Started { assets } => {
            let count = assets.len();
            app.nudges.wake_many(assets);
            app.tell(Event::Run(run));
            app.signals.ask(Reconciler::CloseRuns);
            Ok(format!("started on {count} assets, {} left out", plan.left_out.len()))
        }
        StartOutcome::AlreadyStarted => Ok("was started already".to_owned()),
        StartOutcome::JobChanged => {
            app.signals.ask(Reconciler::ScheduleJobs);
            Ok("was changed while it was planned; it is planned again".to_owned())
        }
    }
}

fn rows(plan: &Plan) -> Vec<NewRunAsset> {
    let taking_part = plan.assets.iter().map(|asset| NewRunAsset {
        asset: asset.asset,
        name: asset.name.clone(),
        state: AssetRun::planned(plan.kind, asset),
        left_out: None,
    });
    let left_out = plan.left_out.iter().map(|asset| NewRunAsset {
        asset: asset.asset,
        name: asset.name.clone(),
        state: AssetRun::left_out(plan.kind, asset),
        left_out: Some(asset.reason.to_string()),
    });
    taking_part.chain(left_out).collect()
}
