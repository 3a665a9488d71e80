//! Reading runs.

use super::AssetRun;
use crate::{Result, Store, StoreError};
use fettle_deploy::job::JobKind;
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus};
use fettle_model::ids::{AssetId, JobId, RunId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One execution of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Id.
    pub id: RunId,
    /// The job.
    pub job: JobId,
    /// Its name when the run started.
    pub job_name: String,
    /// Install or uninstall.
    pub kind: JobKind,
    /// The moment it was due at.
    pub slot: Timestamp,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended; `None` while anything is open.
    pub ended_at: Option<Timestamp>,
    /// How far it is.
    pub counts: RunCounts,
}

/// How far a run is. Assets left out are not among `assets` and `patches`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Assets per status.
    pub assets: BTreeMap<AssetRunStatus, u64>,
    /// Patches, summed over assets, per status.
    pub patches: BTreeMap<PatchRunStatus, u64>,
    /// Assets that take no part.
    pub left_out: u64,
}

/// An asset's part of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunAssetRecord {
    /// The run.
    pub run: RunId,
    /// The asset.
    pub asset: AssetId,
    /// Its name when the run started.
    pub name: String,
    /// Where it and its patches are.
    pub state: AssetRun,
    /// Why it takes no part.
    pub left_out: Option<String>,
    /// When it last moved on.
    pub updated_at: Timestamp,
}

/// Which assets of a run. Everything is optional and narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunAssetFilter {
    /// In one of these statuses; empty: any.
    pub statuses: BTreeSet<AssetRunStatus>,
    /// `true`: only those left out; `false`: only those that take part.
    pub left_out: Option<bool>,
    /// Name contains this, whatever its case.
    pub text: Option<String>,
}

/// A part of a run that is not over, for planning the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRun {
    /// The asset.
    pub asset: AssetId,
    /// The job.
    pub job: JobId,
    /// The run.
    pub run: RunId,
}

impl Store {
    /// One run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, id: RunId) -> Result<Option<RunRecord>> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// Runs of a job, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_of(&self, job: JobId) -> Result<Vec<RunRecord>> {
        let _ = job;
        Err(StoreError::Closed)
    }

    /// The last run of each job that has had one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_runs(&self) -> Result<HashMap<JobId, RunRecord>> {
        Err(StoreError::Closed)
    }

    /// Assets of a run, by name and id, after the given name and id. Gives also how many there are in all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_assets(
        &self,
        run: RunId,
        filter: &RunAssetFilter,
        after: Option<(String, AssetId)>,
        limit: u32,
    ) -> Result<(Vec<RunAssetRecord>, u64)> {
        let _ = (run, filter, after, limit);
        Err(StoreError::Closed)
    }

    /// One asset of a run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_asset(&self, run: RunId, asset: AssetId) -> Result<Option<RunAssetRecord>> {
        let _ = (run, asset);
        Err(StoreError::Closed)
    }

    /// An asset's parts of runs, newest first, each with its run (whose counts are left empty).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_of_asset(&self, asset: AssetId) -> Result<Vec<(RunRecord, RunAssetRecord)>> {
        let _ = asset;
        Err(StoreError::Closed)
    }

    /// Parts of runs that are not over, for the planner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_runs(&self) -> Result<Vec<OpenRun>> {
        Err(StoreError::Closed)
    }
}
