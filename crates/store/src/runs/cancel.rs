//! Cancelling runs.

use super::part::{Part, bump_work, lock_assets, read_parts, write_parts};
use crate::audit::append;
use crate::engine::{CHUNK, Tx, Values};
use crate::error::Attempt;
use crate::row::Get;
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_deploy::run::{AssetRun, Outcome};
use fettle_model::ids::{AssetId, JobId, RunId};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What a cancellation, or the passing of time, did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CancelOutcome {
    /// Assets whose work changed.
    pub assets: Vec<AssetId>,
    /// Runs that moved on.
    pub runs: Vec<RunId>,
}

impl Store {
    /// Cancels what has not started in a run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn cancel_run(&self, run: RunId, now: Timestamp, audit: &AuditEntry) -> Result<CancelOutcome> {
        let mut tx = self.begin().await?;
        let found = sqlx::query("SELECT id FROM runs WHERE id = $1").bind(run.to_string()).fetch_optional(tx.conn()).await;
        found.attempt("read a run")?.ok_or(StoreError::NotFound { what: "run" })?;
        let outcome = cancel_where(&mut tx, Which::Run(run), now).await?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    /// Cancels what has not started in any run of a job.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn cancel_job(&self, job: JobId, now: Timestamp, audit: &AuditEntry) -> Result<CancelOutcome> {
        let mut tx = self.begin().await?;
        crate::jobs::lock_job(&mut tx, job).await?.ok_or(StoreError::NotFound { what: "job" })?;
        let outcome = cancel_where(&mut tx, Which::Job(job), now).await?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}

/// Whose open parts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// Those of a run.
    Run(RunId),
    /// Those of all runs of a job.
    Job(JobId),
}

/// Cancels what has not begun.
pub(crate) async fn cancel_where(tx: &mut Tx, which: Which, now: Timestamp) -> Result<CancelOutcome> {
    let (condition, id) = match which {
        Which::Run(run) => ("is_open = 1 AND run_id = $1", run.to_string()),
        Which::Job(job) => ("is_open = 1 AND job_id = $1", job.to_string()),
    };
    let mut values = Values::default();
    values.text(id);
    end_parts(tx, condition, values, now, AssetRun::cancel).await
}

/// Ends all open parts of an asset that is being removed and whose row the caller has locked.
pub(crate) async fn end_asset(tx: &mut Tx, asset: AssetId, now: Timestamp) -> Result<()> {
    let mut values = Values::default();
    values.text(asset.to_string());
    let end = |state: &mut AssetRun| match state.cancel() {
        Outcome::Changed => Outcome::Changed,
        Outcome::Unchanged => state.give_up(),
    };
    end_parts(tx, "is_open = 1 AND asset_id = $1", values, now, end).await?;
    Ok(())
}

/// Applies `end` to the open parts that fulfil `condition`, which is fixed text and may use placeholders of `values`.
pub(crate) async fn end_parts(
    tx: &mut Tx,
    condition: &str,
    values: Values,
    now: Timestamp,
    end: impl Fn(&mut AssetRun) -> Outcome,
) -> Result<CancelOutcome> {
    let sql = format!("SELECT asset_id, run_id FROM run_assets WHERE {condition}");
    let mut wanted: BTreeSet<(AssetId, RunId)> = BTreeSet::new();
    for row in tx.rows("look for open parts of runs", sql, values).await? {
        wanted.insert((row.parsed("asset_id")?, row.parsed("run_id")?));
    }
    let assets: BTreeSet<AssetId> = wanted.iter().map(|(asset, _)| *asset).collect();
    lock_assets(tx, &assets).await?;
    let mut changed = Vec::new();
    let wanted: Vec<_> = wanted.into_iter().collect();
    for chunk in wanted.chunks(CHUNK) {
        let mut values = Values::default();
        let pairs: Vec<String> =
            chunk.iter().map(|(asset, run)| format!("({}, {})", values.text(asset.to_string()), values.text(run.to_string()))).collect();
        let condition = format!("is_open = 1 AND (asset_id, run_id) IN (VALUES {})", pairs.join(", "));
        for mut part in read_parts(tx, &condition, values).await? {
            if end(&mut part.state) == Outcome::Changed {
                changed.push(part);
            }
        }
    }
    write_parts(tx, &changed, now).await?;
    let assets: BTreeSet<AssetId> = changed.iter().map(|part: &Part| part.asset).collect();
    bump_work(tx, &assets).await?;
    let runs: BTreeSet<RunId> = changed.iter().map(|part| part.run).collect();
    Ok(CancelOutcome { assets: assets.into_iter().collect(), runs: runs.into_iter().collect() })
}
