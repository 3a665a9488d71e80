//! What moves a run on: reports, cancellation, time.

use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::ids::{AssetId, EventId, JobId, RunId};
use fettle_protocol::message::Event;
use fettle_protocol::signed::SignedManifest;
use jiff::Timestamp;

/// Everything an asset has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkList {
    /// The number of this list.
    pub number: u64,
    /// Manifests, oldest first.
    pub manifests: Vec<SignedManifest>,
}

/// What a batch of reports did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportsOutcome {
    /// Runs that moved on.
    pub runs: Vec<RunId>,
    /// Reports that cannot be, to be logged. They count as received.
    pub refused: Vec<RefusedReport>,
    /// Whether the asset's list of work changed.
    pub work_changed: bool,
}

/// A report that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedReport {
    /// Which.
    pub event: EventId,
    /// The run it speaks of.
    pub run: RunId,
    /// Why.
    pub why: String,
}

/// What a cancellation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CancelOutcome {
    /// Assets whose work changed.
    pub assets: Vec<AssetId>,
    /// Runs that moved on.
    pub runs: Vec<RunId>,
}

impl Store {
    /// Takes reports of an asset, oldest first; grouped with other agents' writes. An event that was taken before
    /// changes nothing.
    ///
    /// # Errors
    /// When the database fails; none was taken then.
    pub async fn apply_reports(&self, asset: AssetId, events: Vec<Event>, now: Timestamp) -> Result<ReportsOutcome> {
        let _ = (asset, events, now);
        Err(StoreError::Closed)
    }

    /// Cancels what has not started in a run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn cancel_run(&self, run: RunId, now: Timestamp, audit: &AuditEntry) -> Result<CancelOutcome> {
        let _ = (run, now, audit);
        Err(StoreError::Closed)
    }

    /// Cancels what has not started in any run of a job.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn cancel_job(&self, job: JobId, now: Timestamp, audit: &AuditEntry) -> Result<CancelOutcome> {
        let _ = (job, now, audit);
        Err(StoreError::Closed)
    }

    /// Ends parts of runs whose window has closed before the asset began, ends runs of which nothing is open, and
    /// completes jobs that run once. Gives what changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_runs(&self, now: Timestamp) -> Result<CancelOutcome> {
        let _ = now;
        Err(StoreError::Closed)
    }

    /// What an asset has to do; `None` when it was removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn work_for(&self, asset: AssetId) -> Result<Option<WorkList>> {
        let _ = asset;
        Err(StoreError::Closed)
    }
}
