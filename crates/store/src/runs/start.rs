//! Starting a run.

use super::part::{COUNTS, bump_work, count_places, lock_assets};
use crate::engine::{CHUNK, Tx, Values};
use crate::error::Attempt;
use crate::jobs::lock_job;
use crate::row::{Get, json, maybe_micros, micros};
use crate::{IssueError, Result, Store, StoreError};
use fettle_deploy::job::{Job, JobStatus};
use fettle_deploy::plan::{Plan, PlannedAsset};
use fettle_deploy::run::AssetRun;
use fettle_model::ids::{AssetId, JobId, RunId, SubscriptionId};
use fettle_protocol::codec;
use fettle_protocol::signed::SignedManifest;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A planned run.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Id.
    pub id: RunId,
    /// The job.
    pub job: JobId,
    /// Names the occasion, see [`fettle_deploy::job::Schedule::slot`]. A job has at most one run per slot.
    pub slot: i64,
    /// When it starts.
    pub now: Timestamp,
    /// The job's `updated_at` when it was read for planning.
    pub planned_from: Timestamp,
    /// An asset must have begun before this time; `None`: no window.
    pub begin_before: Option<Timestamp>,
    /// Agents refuse the manifests from this time on.
    pub expires_at: Timestamp,
    /// Who does what, and who is left out.
    pub plan: Plan,
}

/// How starting a run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOutcome {
    /// It runs.
    Started {
        /// Assets that have new work.
        assets: Vec<AssetId>,
    },
    /// Somebody else started this slot.
    AlreadyStarted,
    /// The job is not enabled any more, was changed since it was planned, or is gone.
    JobChanged,
}

impl Store {
    /// Starts a run in one transaction: the run, a row per asset of the plan, and a signed manifest for every asset
    /// that takes part. `sign` is called with the planned asset and the generation its manifest must carry. An asset
    /// that was removed since it was planned is kept as cancelled.
    ///
    /// # Errors
    /// [`StoreError::Issue`] when `sign` fails; nothing was started then.
    pub async fn start_run<F>(&self, run: &NewRun, mut sign: F) -> Result<StartOutcome>
    where
        F: FnMut(&PlannedAsset, u64) -> Result<SignedManifest, IssueError> + Send,
    {
        let mut tx = self.begin().await?;
        let job = lock_job(&mut tx, run.job).await?;
        let unchanged = |job: &Job| job.status == JobStatus::Enabled && micros(job.updated_at) == micros(run.planned_from);
        let Some(job) = job.filter(unchanged) else { return Ok(StartOutcome::JobChanged) };
        if !insert_run(&mut tx, run, &job).await? {
            return Ok(StartOutcome::AlreadyStarted);
        }
        let planned: BTreeSet<AssetId> = run.plan.assets.iter().map(|asset| asset.asset).collect();
        let generations = next_generations(&mut tx, &planned).await?;
        let mut rows = Vec::with_capacity(run.plan.assets.len() + run.plan.left_out.len());
        for asset in &run.plan.assets {
            let mut state = AssetRun::planned(run.plan.kind, asset);
            let signed = match generations.get(&asset.asset) {
                Some(&generation) => Some((generation, signed(asset, generation, &mut sign)?)),
                None => {
                    state.cancel();
                    None
                }
            };
            rows.push(Row { asset: asset.asset, name: &asset.name, state, signed });
        }
        for left in &run.plan.left_out {
            rows.push(Row { asset: left.asset, name: &left.name, state: AssetRun::left_out(run.plan.kind, left), signed: None });
        }
        for chunk in rows.chunks(CHUNK) {
            insert_rows(&mut tx, run, chunk).await?;
        }
        let assets: BTreeSet<AssetId> = generations.into_keys().collect();
        bump_work(&mut tx, &assets).await?;
        tx.commit().await?;
        Ok(StartOutcome::Started { assets: assets.into_iter().collect() })
    }
}

struct Row<'a> {
    asset: AssetId,
    name: &'a str,
    state: AssetRun,
    signed: Option<(u64, Vec<u8>)>,
}

fn signed<F>(asset: &PlannedAsset, generation: u64, sign: &mut F) -> Result<Vec<u8>>
where
    F: FnMut(&PlannedAsset, u64) -> Result<SignedManifest, IssueError>,
{
    let manifest = sign(asset, generation).map_err(|source| StoreError::Issue { what: "manifest", source })?;
    codec::encode(&manifest).map_err(|source| StoreError::encode("manifest", source))
}

/// Gives `false` when the slot is taken.
async fn insert_run(tx: &mut Tx, run: &NewRun, job: &Job) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO runs (id, job_id, slot, job_name, kind, started_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (job_id, slot) DO NOTHING",
    )
    .bind(run.id.to_string())
    .bind(run.job.to_string())
    .bind(run.slot)
    .bind(&job.definition.name)
    .bind(run.plan.kind.as_str())
    .bind(micros(run.now))
    .execute(tx.conn())
    .await
    .attempt("start a run")?;
    Ok(done.rows_affected() > 0)
}

async fn next_generations(tx: &mut Tx, planned: &BTreeSet<AssetId>) -> Result<BTreeMap<AssetId, u64>> {
    let there: Vec<AssetId> = lock_assets(tx, planned).await?.into_iter().collect();
    let mut generations = BTreeMap::new();
    for chunk in there.chunks(CHUNK) {
        let mut values = Values::default();
        let sql = format!(
            "UPDATE assets SET manifest_generation = manifest_generation + 1 WHERE asset_id IN ({})
             RETURNING asset_id, manifest_generation",
            values.texts(chunk)
        );
        for row in tx.rows("number manifests", sql, values).await? {
            generations.insert(row.parsed("asset_id")?, row.unsigned("manifest_generation")?);
        }
    }
    Ok(generations)
}

async fn insert_rows(tx: &mut Tx, run: &NewRun, rows: &[Row<'_>]) -> Result<()> {
    let mut values = Values::default();
    let always = [
        values.text(SubscriptionId::DEFAULT.to_string()),
        values.text(run.id.to_string()),
        values.text(run.job.to_string()),
        values.int(maybe_micros(run.begin_before)),
        values.int(micros(run.expires_at)),
        values.int(micros(run.now)),
    ]
    .join(", ");
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let left_out = row.state.left_out.as_ref().map(|reason| json("reason", reason)).transpose()?;
        let generation = row.signed.as_ref().and_then(|(generation, _)| i64::try_from(*generation).ok());
        let places = [
            values.text(row.asset.to_string()),
            values.text(row.name),
            values.text(row.name.to_lowercase()),
            values.text(row.state.status.as_str()),
            values.int(i64::from(!row.state.status.is_ended())),
            values.maybe_text(left_out),
            values.text(json("part of a run", &row.state)?),
            values.blob(row.signed.as_ref().map(|(_, manifest)| manifest.clone())),
            values.int(generation),
        ];
        lines.push(format!("({always}, {}, {})", places.join(", "), count_places(&row.state, &mut values)));
    }
    let sql = format!(
        "INSERT INTO run_assets (subscription_id, run_id, job_id, begin_before, expires_at, updated_at, asset_id, name, name_key, status,
                                 is_open, left_out, state, manifest, generation, {}) VALUES {}",
        COUNTS.join(", "),
        lines.join(", ")
    );
    tx.run("write the assets of a run", sql, values).await?;
    Ok(())
}
