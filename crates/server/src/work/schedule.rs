//! Starting the runs of jobs whose time has come.

use super::{Reconciler, WorkError, store};
use crate::planning::{self, PlanningError};
use crate::{App, Event};
use fettle_deploy::job::{Job, Schedule};
use fettle_deploy::plan::{PlannedAsset, Terms};
use fettle_model::ids::RunId;
use fettle_store::{NewRun, StartOutcome};
use jiff::{SignedDuration, Timestamp};

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
        let Some(slot) = job.definition.schedule.as_ref().map(Schedule::slot) else { continue };
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

async fn start(app: &App, job: &Job, slot: i64, now: Timestamp) -> Result<String, PlanningError> {
    let plan = Box::pin(planning::plan(app, job)).await?;
    let left_out = plan.left_out.len();
    let id = RunId::make(now, app.entropy.ten());
    let begin_before = job.definition.options.window_from(now);
    let expires_at = begin_before.map_or(now + LONGEST_LIFE, |end| end + AFTER_WINDOW);
    let run = NewRun { id, job: job.id, slot, now, planned_from: job.updated_at, begin_before, expires_at, plan };
    let sign = |asset: &PlannedAsset, generation: u64| {
        let terms = Terms { job: job.id, definition: &job.definition, run: id, generation, start: now, expires_at };
        Ok(app.authority.sign(&asset.manifest(&terms))?)
    };
    match app.store.start_run(&run, sign).await? {
        StartOutcome::Started { assets } => {
            let count = assets.len();
            app.nudges.wake_many(assets);
            app.tell(Event::Run(id));
            app.signals.ask(Reconciler::CloseRuns);
            Ok(format!("started on {count} assets, {left_out} left out"))
        }
        StartOutcome::AlreadyStarted => Ok("was started already".to_owned()),
        StartOutcome::JobChanged => {
            app.signals.ask(Reconciler::ScheduleJobs);
            Ok("was changed while it was planned; it is planned again".to_owned())
        }
    }
}
