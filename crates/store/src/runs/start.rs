//! Starting a run.

use super::AssetRun;
use crate::{IssueError, Result, Store, StoreError};
use fettle_model::ids::{AssetId, JobId, RunId};
use fettle_protocol::signed::SignedManifest;
use jiff::Timestamp;

/// A planned run.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Id.
    pub id: RunId,
    /// The job.
    pub job: JobId,
    /// The moment it is due at. A job has at most one run per slot.
    pub slot: Timestamp,
    /// When it starts.
    pub now: Timestamp,
    /// The job's `updated_at` the plan was made from.
    pub planned_from: Timestamp,
    /// Every asset, left out or not.
    pub assets: Vec<NewRunAsset>,
}

/// An asset of a planned run.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRunAsset {
    /// Which.
    pub asset: AssetId,
    /// Its name, kept for when it is gone.
    pub name: String,
    /// Where it is; [`AssetRun::status`] is terminal for an asset that has nothing to do.
    pub state: AssetRun,
    /// Why it takes no part, as the planner says; `None` for one that does.
    pub left_out: Option<String>,
}

/// How starting a run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOutcome {
    /// It runs.
    Started {
        /// Assets that have new work.
        assets: Vec<AssetId>,
    },
    /// Another node started this slot.
    AlreadyStarted,
    /// The job is not enabled any more, was changed since it was planned, or is gone.
    JobChanged,
}

impl Store {
    /// Starts a run in one transaction: the run, a row per asset, and a signed manifest for every asset that takes
    /// part and is not in a terminal state. `sign` is called with the asset and the generation of its manifest.
    ///
    /// # Errors
    /// [`StoreError::Issue`] when `sign` fails; nothing was started then.
    pub async fn start_run<F>(&self, run: &NewRun, sign: F) -> Result<StartOutcome>
    where
        F: FnMut(&NewRunAsset, u64) -> Result<SignedManifest, IssueError> + Send,
    {
        let _ = (run, sign);
        Err(StoreError::Closed)
    }
}
