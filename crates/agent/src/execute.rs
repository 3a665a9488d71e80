//! Work: takes manifests from the server, and carries them out one step at a time.

use crate::agent::{Agent, AgentError};
use crate::chain;
use crate::platform::Progress;
use crate::state::journal::Number;
use fettle_deploy::agent::{Execution, Moved, Outcome, Step};
use fettle_deploy::manifest::Manifest;
use fettle_deploy::reason::{Failure, FailureReason};
use fettle_deploy::run::Report;
use fettle_model::ids::{EventId, RunId};
use fettle_protocol::message::{Event, Work};
use fettle_protocol::signed::Verified;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// Longest sleep in one go: a clock that is set forward is noticed within that time.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

impl Agent {
    /// Takes in the server's list: new manifests are checked and kept, withdrawn ones that have not begun are
    /// dropped. Durable when it returns.
    pub(crate) fn take_work(&self, work: Work) -> Result<(), AgentError> {
        let Work::V1 { number, manifests } = work;
        let identity = self.state.identity().ok_or(AgentError::NotEnrolled)?;
        let key = identity.manifest_key()?;
        let known = self.state.journal().executions()?;
        let mut listed = BTreeSet::new();
        for signed in manifests {
            let manifest = match signed.verify(&key) {
                Ok(manifest) => manifest,
                Err(error) => {
                    tracing::error!(error = %chain(&error), "a manifest is refused");
                    continue;
                }
            };
            if manifest.get().asset != identity.asset {
                tracing::error!(run = %manifest.get().run, "a manifest is refused: it is for another machine");
                continue;
            }
            listed.insert(manifest.get().run);
            if !known.iter().any(|execution| execution.run() == manifest.get().run) {
                self.take_manifest(&manifest)?;
            }
        }
        for execution in known {
            let over = execution.is_finished() || !execution.has_begun();
            if over && !listed.contains(&execution.run()) {
                self.state.journal().remove(execution.run())?;
            }
        }
        self.state.journal().set_number(Number::WorkSeen, number)?;
        self.work.notify_one();
        Ok(())
    }

    fn take_manifest(&self, manifest: &Verified<Manifest>) -> Result<(), AgentError> {
        let manifest = manifest.get();
        let newest = self.state.journal().number(Number::Generation)?;
        let refusal = if manifest.generation <= newest {
            Some(format!("Its generation is {}, and {newest} was taken already.", manifest.generation))
        } else if self.settings.assess_only {
            Some("This agent only assesses; it never changes its machine.".to_owned())
        } else if let Some(why) = self.platform.only_assessed() {
            Some(why.to_owned())
        } else if self.clock.now() >= manifest.expires_at {
            Some(format!("It expired at {}; is this machine's clock right?", manifest.expires_at))
        } else {
            None
        };
        let moved = match refusal {
            Some(why) => {
                tracing::error!(run = %manifest.run, why, "a manifest is refused");
                let log = format!("The agent refused the manifest. {why}");
                Execution::refuse(manifest, Failure::new(FailureReason::AgentError, None, &log))
            }
            None => {
                tracing::info!(run = %manifest.run, job = manifest.job_name, patches = manifest.patches.len(), "a manifest was taken");
                Execution::take(manifest, self.settings.pace.patience)
            }
        };
        self.keep(moved).map(|_| ())
    }

    /// Stores a new state with its reports, and wakes whoever delivers them.
    fn keep(&self, moved: Moved) -> Result<Execution, AgentError> {
        let Moved { execution, reports } = moved;
        let run = execution.run();
        let events: Vec<Event> = reports.into_iter().map(|report| self.event(run, report)).collect();
        self.state.journal().save(&execution, &events)?;
        self.outbox.notify_one();
        Ok(execution)
    }

    fn event(&self, run: RunId, report: Report) -> Event {
        let at = self.clock.now();
        Event { id: EventId::make(at, self.entropy.ten()), run, at, report }
    }

    /// Carries out executions, one at a time: the one that was begun, then the others in order.
    pub(crate) async fn work_loop(&self) -> Result<(), AgentError> {
        loop {
            let executions = self.state.journal().executions()?;
            let mut open: Vec<Execution> = executions.into_iter().filter(|execution| !execution.is_finished()).collect();
            open.sort_by_key(|execution| (!execution.has_begun(), execution.not_before(), execution.generation()));
            let Some(execution) = open.into_iter().next() else {
                self.note(|status| (status.job, status.doing) = (None, None));
                self.work.notified().await;
                continue;
            };
            match execution.step(self.clock.now()) {
                Step::Sleep(until) => tokio::select! {
                    () = tokio::time::sleep(self.time_until(until)) => {}
                    () = self.work.notified() => {}
                },
                step => self.advance(execution, step).await?,
            }
        }
    }

    fn time_until(&self, until: Timestamp) -> Duration {
        let rest = until.duration_since(self.clock.now());
        Duration::try_from(rest).unwrap_or_default().clamp(Duration::from_millis(10), LONGEST_SLEEP)
    }

    async fn advance(&self, execution: Execution, step: Step) -> Result<(), AgentError> {
        let run = execution.run();
        self.note(|status| {
            status.job = Some(execution.job_name().to_owned());
            status.doing = Some(describe(&step).to_owned());
        });
        tracing::debug!(%run, step = describe(&step), "a step begins");
        let outcome = self.carry_out(&execution, step).await?;
        let moved = execution.apply(outcome, self.clock.now())?;
        for report in &moved.reports {
            tell(run, report);
        }
        if self.keep(moved)?.is_finished() {
            self.platform.forget(run).await;
        }
        Ok(())
    }

    async fn carry_out(&self, execution: &Execution, step: Step) -> Result<Outcome, AgentError> {
        if step == Step::Rescan {
            // The server verifies with the first scan after it knows that the work is over.
            self.wait_until_delivered().await?;
            self.scan_until_delivered().await?;
            return Ok(Outcome::Scanned);
        }
        let _machine = self.machine.lock().await;
        let kind = execution.kind();
        let progress = |progress: Progress| {
            let Progress { percent, doing } = progress;
            self.note(|status| status.doing = Some(format!("{percent} %: {doing}")));
        };
        Ok(match step {
            Step::Look => Outcome::Looked(self.platform.look().await),
            Step::Repair => Outcome::Repaired(self.platform.repair(&progress).await),
            Step::Refresh => Outcome::Refreshed(self.platform.refresh(&progress).await),
            Step::Weigh(packages) => Outcome::Weighed(self.platform.weigh(kind, &packages).await),
            Step::Fetch(packages) => Outcome::Fetched(self.platform.fetch(kind, &packages, &progress).await),
            Step::Change(order) => Outcome::Changed(self.platform.change(&order, &progress).await),
            Step::Start | Step::Sleep(_) | Step::Rescan | Step::Finished => Outcome::Started,
        })
    }

    /// Waits until the server has acknowledged every report.
    async fn wait_until_delivered(&self) -> Result<(), AgentError> {
        loop {
            let delivered = self.delivered.notified();
            tokio::pin!(delivered);
            delivered.as_mut().enable();
            if self.state.journal().outbox(1)?.is_empty() {
                return Ok(());
            }
            delivered.await;
        }
    }
}

fn tell(run: RunId, report: &Report) {
    match report {
        Report::Asset { status, failure } => {
            tracing::info!(%run, status = status.as_str(), reason = failure.as_ref().map(|failure| failure.reason.as_str()), "run");
        }
        Report::Patch { patch, status, failure, .. } => {
            let reason = failure.as_ref().map(|failure| failure.reason.as_str());
            tracing::info!(%run, %patch, status = status.as_str(), reason, "patch");
        }
    }
}

fn describe(step: &Step) -> &'static str {
    match step {
        Step::Sleep(_) => "waiting",
        Step::Start => "beginning",
        Step::Look => "looking at the package manager",
        Step::Repair => "repairing the package manager",
        Step::Refresh => "fetching package lists",
        Step::Weigh(_) => "finding out about space",
        Step::Fetch(_) => "downloading",
        Step::Change(_) => "installing",
        Step::Rescan => "scanning",
        Step::Finished => "done",
    }
}
