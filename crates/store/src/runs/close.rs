//! What time does to runs.

use super::cancel::{CancelOutcome, end_parts};
use crate::engine::Values;
use crate::error::Attempt;
use crate::jobs::{lock_job, write_job};
use crate::row::{Get, micros};
use crate::{Result, Store};
use fettle_deploy::run::AssetRun;
use fettle_model::ids::{JobId, RunId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How long an agent that has begun may be silent, after its manifest has expired, before it counts as lost: a
/// machine that is repaired and comes back within a week tells how it ended.
const SILENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

const NOT_BEGUN: &str = "is_open = 1 AND status NOT IN ('running', 'pending_reboot', 'rebooting', 'verifying')";

impl Store {
    /// Ends parts of runs whose window has closed before the asset began, or whose agent is lost; ends runs of which
    /// nothing is open, and completes jobs that run once. Gives what changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_runs(&self, now: Timestamp) -> Result<CancelOutcome> {
        let mut assets = BTreeSet::new();
        let mut runs = BTreeSet::new();
        let silent_since = now.checked_sub(SILENCE).unwrap_or(Timestamp::MIN);
        let timed_out = format!("{NOT_BEGUN} AND begin_before <= $1");
        let expired = format!("{NOT_BEGUN} AND expires_at <= $1");
        let lost = "is_open = 1 AND expires_at <= $1 AND updated_at <= $2 AND NOT EXISTS
            (SELECT 1 FROM assets WHERE assets.asset_id = run_assets.asset_id AND assets.last_check_in > $2)"
            .to_owned();
        for (condition, end) in
            [(timed_out, AssetRun::time_out as fn(&mut AssetRun) -> _), (expired, AssetRun::give_up), (lost, AssetRun::give_up)]
        {
            let mut values = Values::default();
            values.int(micros(now));
            if condition.contains("$2") {
                values.int(micros(silent_since));
            }
            let mut tx = self.begin().await?;
            let outcome = end_parts(&mut tx, &condition, values, now, end).await?;
            tx.commit().await?;
            assets.extend(outcome.assets);
            runs.extend(outcome.runs);
        }
        runs.extend(self.end_runs(now).await?);
        Ok(CancelOutcome { assets: assets.into_iter().collect(), runs: runs.into_iter().collect() })
    }

    async fn end_runs(&self, now: Timestamp) -> Result<Vec<RunId>> {
        const OVER: &str = "ended_at IS NULL AND NOT EXISTS
            (SELECT 1 FROM run_assets WHERE run_assets.run_id = runs.id AND run_assets.is_open = 1)";
        let sql = format!("SELECT id, job_id FROM runs WHERE {OVER}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(self.read()).await.attempt("look for runs that are over")?;
        let mut ended = Vec::new();
        for row in &rows {
            let (run, job): (RunId, JobId) = (row.parsed("id")?, row.parsed("job_id")?);
            let mut tx = self.begin().await?;
            let job = lock_job(&mut tx, job).await?;
            let done = sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE runs SET ended_at = $1 WHERE id = $2 AND {OVER}")))
                .bind(micros(now))
                .bind(run.to_string())
                .execute(tx.conn())
                .await
                .attempt("end a run")?;
            if done.rows_affected() == 0 {
                continue;
            }
            if let Some(job) = job {
                write_job(&mut tx, &job.run_ended(now)).await?;
            }
            tx.commit().await?;
            ended.push(run);
        }
        Ok(ended)
    }
}
