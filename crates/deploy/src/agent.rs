//! How an agent carries out one manifest: a state machine that is stored before and after every step.
//!
//! The agent asks [`Execution::step`] what to do, does it, and hands what happened to [`Execution::apply`], which
//! gives the next state and what to report. A state says all that is needed to go on, so an agent that was killed
//! loads it and goes on: steps that change nothing are simply done again, and an [`Order`] carries the number of
//! its attempt, so that it is never begun twice.
//!
//! ```text
//! Accepted → Looking → (Repairing → Looking) → Refreshing → (Weighing → Fetching)… → (Looking → Changing)… → Rescanning → Closed
//! ```
//!
//! To add a step, add it to `Stage`, [`Step`] and [`Outcome`], and a scenario to `agent/tests.rs`.

mod decide;
mod facts;
#[cfg(test)]
mod tests;

pub use facts::{Changed, Ending, Order, Present, Room, Sight};

use crate::job::JobKind;
use crate::manifest::Manifest;
use crate::reason::{Failure, FailureReason};
use crate::run::{AssetRunStatus, PackageChange, PatchRunStatus, Report};
use fettle_model::ids::{PatchId, RunId};
use fettle_model::rule::BinaryVersion;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often a patch is begun when its installer is cut off each time: once for the crash, once for the power
/// cut that caused it, once for bad luck. More would be a machine that dies of this very patch.
pub const MAX_ATTEMPTS: u32 = 3;
/// Bytes that stay free on every file system besides what a patch is known to need: logs, triggers, the
/// package database's own copies.
pub const RESERVE_BYTES: u64 = 16 * 1024 * 1024;

/// How patient an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// How long another program may hold the package manager's lock, in seconds.
    pub busy_seconds: u32,
    /// How long to wait before looking at the lock again, in seconds.
    pub look_again_seconds: u32,
}

impl Default for Patience {
    /// Ten minutes: an unattended upgrade is usually over by then. Looking every five seconds costs nothing.
    fn default() -> Self {
        Self { busy_seconds: 600, look_again_seconds: 5 }
    }
}

/// One manifest on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The run.
    run: RunId,
    /// The job's name, for messages.
    job_name: String,
    /// Its place among this asset's manifests.
    generation: u64,
    kind: JobKind,
    not_before: Timestamp,
    begin_before: Option<Timestamp>,
    expires_at: Timestamp,
    continue_on_failure: bool,
    patience: Patience,
    items: Vec<Item>,
    stage: Stage,
}

/// One patch on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    patch: PatchId,
    /// Packages it is about; of these, the ones that are still needed are decided at every look.
    packages: Vec<BinaryVersion>,
    state: ItemState,
}

/// Where a patch is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum ItemState {
    /// Nothing was done for it yet.
    Planned,
    /// Everything it needs is in the package manager's cache.
    Fetched,
    /// An order was begun; what is known to have changed already.
    Changing(Vec<PackageChange>),
    /// On the machine.
    Done,
    /// Over without effect.
    Ended(Option<Failure>),
}

/// Where the execution is. The name says what is being done, or is to be done again after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// Taken, nothing begun.
    Accepted,
    /// Looking whether the package manager can work, and what is needed.
    Looking { next: Next, first: Timestamp, again_at: Option<Timestamp>, repaired: bool },
    /// Repairing an interrupted package manager.
    Repairing { next: Next },
    /// Fetching the lists of packages.
    Refreshing,
    /// Finding out whether there is space.
    Weighing { index: usize },
    /// Fetching packages.
    Fetching { index: usize },
    /// Installing or downgrading.
    Changing { index: usize, attempt: u32 },
    /// The work is over; a scan is to show what it achieved.
    Rescanning,
    /// Nothing left to do.
    Closed,
}

/// What comes after a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Next {
    /// Deciding about all patches.
    Begin,
    /// Changing one.
    Change { index: usize, attempt: u32 },
}

/// What the agent has to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing until this time.
    Sleep(Timestamp),
    /// The time has come: apply [`Outcome::Started`].
    Start,
    /// Look at the package manager.
    Look,
    /// Repair the package manager.
    Repair,
    /// Fetch the lists of packages.
    Refresh,
    /// Find out about space for these packages.
    Weigh(Vec<BinaryVersion>),
    /// Fetch these packages.
    Fetch(Vec<BinaryVersion>),
    /// Change the machine.
    Change(Order),
    /// Deliver every report, then scan and upload.
    Rescan,
    /// The execution is over.
    Finished,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// To [`Step::Start`].
    Started,
    /// To [`Step::Look`].
    Looked(Result<Sight, Failure>),
    /// To [`Step::Repair`].
    Repaired(Result<(), Failure>),
    /// To [`Step::Refresh`].
    Refreshed(Result<(), Failure>),
    /// To [`Step::Weigh`].
    Weighed(Result<Vec<Room>, Failure>),
    /// To [`Step::Fetch`].
    Fetched(Result<(), Failure>),
    /// To [`Step::Change`].
    Changed(Changed),
    /// To [`Step::Rescan`].
    Scanned,
}

/// The next state and what to report; both are to be stored together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The state.
    pub execution: Execution,
    /// Reports, oldest first.
    pub reports: Vec<Report>,
}

/// An outcome that does not belong to the state it was applied to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{outcome} does not belong to an execution that is {stage}")]
pub struct Misplaced {
    outcome: &'static str,
    stage: &'static str,
}

impl Execution {
    /// Takes a manifest. Its signature, asset and generation were checked by the caller.
    #[must_use]
    pub fn take(manifest: &Manifest, patience: Patience) -> Moved {
        let items = manifest
            .patches
            .iter()
            .map(|planned| Item { patch: planned.patch.clone(), packages: planned.packages.clone(), state: ItemState::Planned })
            .collect();
        let execution = Self {
            run: manifest.run,
            job_name: manifest.job_name.clone(),
            generation: manifest.generation,
            kind: manifest.kind,
            not_before: manifest.not_before,
            begin_before: manifest.begin_before,
            expires_at: manifest.expires_at,
            continue_on_failure: manifest.continue_on_failure,
            patience,
            items,
            stage: Stage::Accepted,
        };
        Moved { execution, reports: vec![Report::Asset { status: AssetRunStatus::Received, failure: None }] }
    }

    /// A manifest that was refused for a reason the server should hear of: over before it began.
    #[must_use]
    pub fn refuse(manifest: &Manifest, failure: Failure) -> Moved {
        let mut moved = Self::take(manifest, Patience::default());
        moved.execution.stage = Stage::Closed;
        moved.reports = vec![Report::Asset { status: AssetRunStatus::Failed, failure: Some(failure) }];
        moved
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The job's name.
    #[must_use]
    pub fn job_name(&self) -> &str {
        &self.job_name
    }

    /// Its place among this asset's manifests.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Upwards or downwards.
    #[must_use]
    pub fn kind(&self) -> JobKind {
        self.kind
    }

    /// When it may begin.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Whether anything was begun: from then on it is carried to its end, even when the server withdraws it.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.stage != Stage::Accepted
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// What to do now.
    #[must_use]
    pub fn step(&self, now: Timestamp) -> Step {
        let packages = |index: usize| self.items.get(index).map(|item| item.packages.clone()).unwrap_or_default();
        match &self.stage {
            Stage::Accepted if now < self.not_before => Step::Sleep(self.not_before),
            Stage::Accepted => Step::Start,
            Stage::Looking { again_at: Some(at), .. } if now < *at => Step::Sleep(*at),
            Stage::Looking { .. } => Step::Look,
            Stage::Repairing { .. } => Step::Repair,
            Stage::Refreshing => Step::Refresh,
            Stage::Weighing { index } => Step::Weigh(packages(*index)),
            Stage::Fetching { index } => Step::Fetch(packages(*index)),
            Stage::Changing { index, attempt } => {
                Step::Change(Order { run: self.run, index: *index, attempt: *attempt, kind: self.kind, packages: packages(*index) })
            }
            Stage::Rescanning => Step::Rescan,
            Stage::Closed => Step::Finished,
        }
    }

    /// Takes in what happened.
    ///
    /// # Errors
    /// When the outcome does not answer the current [`Execution::step`]; the caller made a mistake.
    pub fn apply(mut self, outcome: Outcome, now: Timestamp) -> Result<Moved, Misplaced> {
        let mut reports = Vec::new();
        match (self.stage.clone(), outcome) {
            (Stage::Accepted, Outcome::Started) => self.start(now, &mut reports),
            (Stage::Looking { next, first, repaired, .. }, Outcome::Looked(Ok(sight))) => {
                self.looked(next, (first, repaired), &sight, now, &mut reports);
            }
            (Stage::Looking { .. }, Outcome::Looked(Err(failure))) => self.end_rest(&failure, &mut reports),
            (Stage::Repairing { next }, Outcome::Repaired(result)) => self.repaired(next, result, now, &mut reports),
            (Stage::Refreshing, Outcome::Refreshed(result)) => self.refreshed(result, &mut reports),
            (Stage::Weighing { index }, Outcome::Weighed(result)) => self.weighed(index, result, now, &mut reports),
            (Stage::Fetching { index }, Outcome::Fetched(result)) => self.fetched(index, result, now, &mut reports),
            (Stage::Changing { index, attempt }, Outcome::Changed(changed)) => self.changed(index, attempt, changed, now, &mut reports),
            (Stage::Rescanning, Outcome::Scanned) => self.stage = Stage::Closed,
            (stage, outcome) => return Err(Misplaced { outcome: outcome.name(), stage: stage.name() }),
        }
        Ok(Moved { execution: self, reports })
    }

    fn start(&mut self, now: Timestamp, reports: &mut Vec<Report>) {
        if now >= self.expires_at {
            let log = format!("The manifest had expired at {} when its turn came.", self.expires_at);
            let failure = Failure::new(FailureReason::AgentError, None, &log);
            self.stage = Stage::Closed;
            return reports.push(Report::Asset { status: AssetRunStatus::Failed, failure: Some(failure) });
        }
        if self.begin_before.is_some_and(|close| now >= close) {
            self.stage = Stage::Closed;
            return reports.push(Report::Asset { status: AssetRunStatus::TimedOut, failure: None });
        }
        self.stage = looking(Next::Begin, now);
    }

    fn looked(&mut self, next: Next, so_far: (Timestamp, bool), sight: &Sight, now: Timestamp, reports: &mut Vec<Report>) {
        let (first, repaired) = so_far;
        if let Some(holder) = &sight.busy {
            let patience = SignedDuration::from_secs(i64::from(self.patience.busy_seconds));
            if now.duration_since(first) >= patience {
                let log = format!("The package manager's lock is held by {holder}.");
                return self.end_rest(&Failure::new(FailureReason::InstallerBusy, None, &log), reports);
            }
            let pause = SignedDuration::from_secs(i64::from(self.patience.look_again_seconds));
            let again_at = now.checked_add(pause).ok();
            self.stage = Stage::Looking { next, first, again_at, repaired };
            return;
        }
        if !repaired && (sight.interrupted || !sight.broken.is_empty()) {
            self.stage = Stage::Repairing { next };
            return;
        }
        // What one of our own patches left half-configured must not stop the others: apt is the judge of those.
        if sight.interrupted || (next == Next::Begin && !sight.broken.is_empty()) {
            let log = format!("Still neither installed nor removed after the repair: {}", sight.broken.join(", "));
            return self.end_rest(&Failure::new(FailureReason::PackageManagerBroken, None, &log), reports);
        }
        match next {
            Next::Begin => self.decide_all(&sight.packages, reports),
            Next::Change { index, attempt } => self.decide_one(index, attempt, &sight.packages, now, reports),
        }
    }

    fn repaired(&mut self, next: Next, result: Result<(), Failure>, now: Timestamp, reports: &mut Vec<Report>) {
        match (result, next) {
            (Err(failure), Next::Begin) => self.end_rest(&failure, reports),
            _ => self.stage = Stage::Looking { next, first: now, again_at: None, repaired: true },
        }
    }

    fn refreshed(&mut self, result: Result<(), Failure>, reports: &mut Vec<Report>) {
        match result {
            // Lists that are not to be trusted: nothing may be fetched by them.
            Err(failure) if matches!(failure.reason, FailureReason::SignatureInvalid | FailureReason::HashMismatch) => {
                self.end_rest(&failure, reports);
            }
            // A source that cannot be reached now may not be the one that is needed, and the packages may be in
            // the cache: fetching decides.
            _ => self.stage = Stage::Weighing { index: self.first_planned().unwrap_or(self.items.len()) },
        }
    }

    fn weighed(&mut self, index: usize, result: Result<Vec<Room>, Failure>, now: Timestamp, reports: &mut Vec<Report>) {
        let short = |room: &&Room| room.needed_bytes.saturating_add(RESERVE_BYTES) > room.free_bytes;
        match result.map(|rooms| rooms.iter().find(short).cloned()) {
            Ok(None) => {
                self.report(index, PatchRunStatus::Downloading, reports);
                self.stage = Stage::Fetching { index };
            }
            Ok(Some(Room { place, needed_bytes, free_bytes })) => {
                let log = format!("{place}: {needed_bytes} bytes are needed, and {RESERVE_BYTES} to spare; {free_bytes} bytes are free.");
                self.end(index, Failure::new(FailureReason::NotEnoughDisk, None, &log), reports);
                self.fetch_next(now, reports);
            }
            Err(failure) => {
                self.end(index, failure, reports);
                self.fetch_next(now, reports);
            }
        }
    }

    fn fetched(&mut self, index: usize, result: Result<(), Failure>, now: Timestamp, reports: &mut Vec<Report>) {
        match result {
            Ok(()) => self.set(index, ItemState::Fetched),
            Err(failure) => self.end(index, failure, reports),
        }
        self.fetch_next(now, reports);
    }

    /// Goes on to the next patch to fetch, or, when there is none, to the first one to install.
    fn fetch_next(&mut self, now: Timestamp, reports: &mut Vec<Report>) {
        match (self.first_planned(), self.first_fetched()) {
            (Some(index), _) => self.stage = Stage::Weighing { index },
            (None, Some(index)) => {
                reports.push(Report::Asset { status: AssetRunStatus::Downloaded, failure: None });
                reports.push(Report::Asset { status: AssetRunStatus::Running, failure: None });
                self.stage = looking(Next::Change { index, attempt: 1 }, now);
            }
            (None, None) => self.finish(reports),
        }
    }
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Self::Started => "a start",
            Self::Looked(_) => "a look",
            Self::Repaired(_) => "a repair",
            Self::Refreshed(_) => "a refresh",
            Self::Weighed(_) => "a weighing",
            Self::Fetched(_) => "a download",
            Self::Changed(_) => "a change",
            Self::Scanned => "a scan",
        }
    }
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "waiting for its time",
            Self::Looking { .. } => "looking at the machine",
            Self::Repairing { .. } => "repairing the package manager",
            Self::Refreshing => "fetching package lists",
            Self::Weighing { .. } => "finding out about space",
            Self::Fetching { .. } => "downloading",
            Self::Changing { .. } => "changing the machine",
            Self::Rescanning => "scanning",
            Self::Closed => "over",
        }
    }
}

fn looking(next: Next, now: Timestamp) -> Stage {
    Stage::Looking { next, first: now, again_at: None, repaired: false }
}
