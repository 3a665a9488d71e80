//! What agents report, and what they have to do.

use super::part::{Part, bump_work, lock_assets, read_parts, reopen_runs, write_parts};
use crate::engine::{CHUNK, Tx, Values};
use crate::error::Attempt;
use crate::row::{Get, micros};
use crate::{Result, Store, StoreError};
use fettle_deploy::run::Outcome;
use fettle_model::ids::{AssetId, EventId, RunId, SubscriptionId};
use fettle_protocol::codec;
use fettle_protocol::message::Event;
use fettle_protocol::signed::SignedManifest;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Whether the asset's list of work changed, or a scan was asked for because the one that proves a part of a run
    /// had arrived before the report: the asset is to be nudged.
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

impl Store {
    /// Takes reports of an asset, oldest first; grouped with other agents' writes. An event that was taken before
    /// changes nothing, and neither does any of an asset that was removed.
    ///
    /// # Errors
    /// When the database fails; none was taken then.
    pub async fn apply_reports(&self, asset: AssetId, events: Vec<Event>, now: Timestamp) -> Result<ReportsOutcome> {
        self.inner.group.reports(asset, events, now).await
    }

    /// What an asset has to do; `None` when it was removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn work_for(&self, asset: AssetId) -> Result<Option<WorkList>> {
        let mut tx = self.inner.database.snapshot().await?;
        let row = sqlx::query("SELECT work_number FROM assets WHERE asset_id = $1")
            .bind(asset.to_string())
            .fetch_optional(&mut *tx)
            .await
            .attempt("read an asset's work")?;
        let Some(row) = row else { return Ok(None) };
        let rows =
            sqlx::query("SELECT manifest FROM run_assets WHERE asset_id = $1 AND is_open = 1 AND manifest IS NOT NULL ORDER BY generation")
                .bind(asset.to_string())
                .fetch_all(&mut *tx)
                .await
                .attempt("read an asset's work")?;
        let manifests = rows.iter().map(|row| {
            let body = row.blob("manifest")?;
            codec::decode(&body).map_err(|source| StoreError::corrupt("manifest", source))
        });
        Ok(Some(WorkList { number: row.unsigned("work_number")?, manifests: manifests.collect::<Result<_>>()? }))
    }
}

/// Takes reports in the transaction of a group.
pub(crate) async fn apply(tx: &mut Tx, asset: AssetId, events: &[Event], now: Timestamp) -> Result<ReportsOutcome> {
    let mut outcome = ReportsOutcome::default();
    if lock_assets(tx, &BTreeSet::from([asset])).await?.is_empty() {
        return Ok(outcome);
    }
    let mut fresh = take_new(tx, asset, events, now).await?;
    let runs: BTreeSet<RunId> = events.iter().filter(|event| fresh.contains(&event.id)).map(|event| event.run).collect();
    let mut parts = parts_of(tx, asset, &runs).await?;
    let before: BTreeMap<RunId, bool> = parts.iter().map(|(run, part)| (*run, part.state.status.is_ended())).collect();
    let mut moved = BTreeSet::new();
    // Removing an id as it is applied makes the second of two in one batch a repetition, too.
    for event in events.iter().filter(|event| fresh.remove(&event.id)) {
        let refused = |why: String| RefusedReport { event: event.id, run: event.run, why };
        match parts.get_mut(&event.run).map(|part| part.state.apply(event.at, &event.report)) {
            None => outcome.refused.push(refused("this asset has no part in that run".to_owned())),
            Some(Err(error)) => outcome.refused.push(refused(error.to_string())),
            Some(Ok(Outcome::Changed)) => _ = moved.insert(event.run),
            Some(Ok(Outcome::Unchanged)) => {}
        }
    }
    let changed: Vec<Part> = parts.into_values().filter(|part| moved.contains(&part.run)).collect();
    write_parts(tx, &changed, now).await?;
    let was_ended = |part: &Part| before.get(&part.run).copied().unwrap_or(false);
    let reopened = changed.iter().filter(|part| was_ended(part) && !part.state.status.is_ended());
    reopen_runs(tx, &reopened.map(|part| part.run).collect()).await?;
    outcome.work_changed = changed.iter().any(|part| was_ended(part) != part.state.status.is_ended());
    if outcome.work_changed {
        bump_work(tx, &BTreeSet::from([asset])).await?;
    }
    outcome.work_changed |= ask_for_proof(tx, asset, &changed).await?;
    outcome.runs = moved.into_iter().collect();
    Ok(outcome)
}

/// Keeps the ids of events; gives those that were not there yet.
async fn take_new(tx: &mut Tx, asset: AssetId, events: &[Event], now: Timestamp) -> Result<BTreeSet<EventId>> {
    let ids: Vec<EventId> = events.iter().map(|event| event.id).collect::<BTreeSet<_>>().into_iter().collect();
    let mut fresh = BTreeSet::new();
    for chunk in ids.chunks(CHUNK) {
        let mut values = Values::default();
        let always = [values.text(SubscriptionId::DEFAULT.to_string()), values.text(asset.to_string()), values.int(micros(now))].join(", ");
        let rows: Vec<String> = chunk.iter().map(|id| format!("({always}, {})", values.text(id.to_string()))).collect();
        let sql = format!(
            "INSERT INTO run_events (subscription_id, asset_id, received_at, event_id) VALUES {}
             ON CONFLICT (asset_id, event_id) DO NOTHING RETURNING event_id",
            rows.join(", ")
        );
        for row in tx.rows("take reports", sql, values).await? {
            fresh.insert(row.parsed("event_id")?);
        }
    }
    Ok(fresh)
}

async fn parts_of(tx: &mut Tx, asset: AssetId, runs: &BTreeSet<RunId>) -> Result<BTreeMap<RunId, Part>> {
    let all: Vec<RunId> = runs.iter().copied().collect();
    let mut parts = BTreeMap::new();
    for chunk in all.chunks(CHUNK) {
        let mut values = Values::default();
        let condition = format!("asset_id = {} AND run_id IN ({})", values.text(asset.to_string()), values.texts(chunk));
        parts.extend(read_parts(tx, &condition, values).await?.into_iter().map(|part| (part.run, part)));
    }
    Ok(parts)
}

/// When the scan that should prove a part arrived before the report that it is done, asks for another one.
async fn ask_for_proof(tx: &mut Tx, asset: AssetId, changed: &[Part]) -> Result<bool> {
    let since = changed.iter().filter(|part| part.state.awaits_scan()).filter_map(|part| part.state.done_at).min();
    let Some(since) = since else { return Ok(false) };
    let done = sqlx::query(
        "UPDATE assets SET scan_number = scan_number + 1 WHERE asset_id = $1
         AND EXISTS (SELECT 1 FROM scans WHERE scans.asset_id = assets.asset_id AND scans.scanned_at >= $2)",
    )
    .bind(asset.to_string())
    .bind(micros(since))
    .execute(tx.conn())
    .await
    .attempt("ask for a scan that proves a run")?;
    Ok(done.rows_affected() > 0)
}
