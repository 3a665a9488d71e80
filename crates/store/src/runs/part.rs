//! Reading and writing parts of runs.

use crate::engine::{CHUNK, Tx, Values};
use crate::error::{Attempt, Result};
use crate::row::{Get, json, micros};
use fettle_deploy::run::{AssetRun, AssetRunStatus, PatchRunStatus};
use fettle_model::ids::{AssetId, RunId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What one asset has to do in one run.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) asset: AssetId,
    pub(crate) run: RunId,
    pub(crate) state: AssetRun,
}

/// The columns that count patches, one per status, in the order of [`PatchRunStatus::ALL`].
pub(crate) const COUNTS: [&str; 11] = [
    "n_pending",
    "n_downloading",
    "n_installing",
    "n_installed",
    "n_pending_reboot",
    "n_failed",
    "n_superseded",
    "n_not_applicable",
    "n_skipped",
    "n_removed",
    "n_verifying",
];

/// Placeholders of these columns for a state.
pub(crate) fn count_places(state: &AssetRun, values: &mut Values) -> String {
    let counts: BTreeMap<PatchRunStatus, u32> = state.patch_counts();
    let place = |status: &PatchRunStatus| values.int(i64::from(counts.get(status).copied().unwrap_or(0)));
    PatchRunStatus::ALL.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// Locks assets in the order of their ids; gives those that are there.
pub(crate) async fn lock_assets(tx: &mut Tx, assets: &BTreeSet<AssetId>) -> Result<BTreeSet<AssetId>> {
    let all: Vec<AssetId> = assets.iter().copied().collect();
    let mut found = BTreeSet::new();
    for chunk in all.chunks(CHUNK) {
        let mut values = Values::default();
        let places = values.texts(chunk);
        let sql = format!("SELECT asset_id FROM assets WHERE asset_id IN ({places}) ORDER BY asset_id{}", tx.for_update());
        for row in tx.rows("read assets", sql, values).await? {
            found.insert(row.parsed("asset_id")?);
        }
    }
    Ok(found)
}

/// Reads parts of locked assets that fulfil `condition`, which is fixed text and may use placeholders of `values`.
pub(crate) async fn read_parts(tx: &mut Tx, condition: &str, values: Values) -> Result<Vec<Part>> {
    let sql = format!("SELECT asset_id, run_id, state FROM run_assets WHERE {condition} ORDER BY asset_id, run_id{}", tx.for_update());
    let rows = tx.rows("read parts of runs", sql, values).await?;
    rows.iter().map(|row| Ok(Part { asset: row.parsed("asset_id")?, run: row.parsed("run_id")?, state: row.json("state")? })).collect()
}

/// Whether an asset in this status is at work, or was.
fn is_at_work(status: AssetRunStatus) -> bool {
    use AssetRunStatus as S;
    status.has_begun() || matches!(status, S::Downloading | S::Downloaded | S::Succeeded | S::PartlySucceeded | S::Failed)
}

/// Writes parts whose state has changed. The first time at work and the last change into an ending are remembered
/// as the server heard of them: agents' clocks do not compare with each other.
pub(crate) async fn write_parts(tx: &mut Tx, parts: &[Part], now: Timestamp) -> Result<()> {
    let columns = COUNTS.join(", ");
    let set = COUNTS.map(|column| format!("{column} = v.{column}")).join(", ");
    for chunk in parts.chunks(CHUNK) {
        let mut values = Values::default();
        let mut rows = Vec::with_capacity(chunk.len());
        for part in chunk {
            let places = [
                values.text(part.asset.to_string()),
                values.text(part.run.to_string()),
                values.text(part.state.status.as_str()),
                values.int(i64::from(!part.state.status.is_ended())),
                values.text(json("part of a run", &part.state)?),
                values.int(micros(now)),
                values.int(is_at_work(part.state.status).then(|| micros(now))),
            ];
            rows.push(format!("({}, {})", places.join(", "), count_places(&part.state, &mut values)));
        }
        let sql = format!(
            "WITH v (asset_id, run_id, status, is_open, state, updated_at, began_at, {columns}) AS (VALUES {})
             UPDATE run_assets SET status = v.status, is_open = v.is_open, state = v.state, updated_at = v.updated_at,
                    began_at = COALESCE(run_assets.began_at, v.began_at),
                    ended_at = CASE WHEN v.is_open = 1 THEN NULL ELSE COALESCE(run_assets.ended_at, v.updated_at) END, {}
             FROM v WHERE run_assets.asset_id = v.asset_id AND run_assets.run_id = v.run_id",
            rows.join(", "),
            set
        );
        tx.run("write parts of runs", sql, values).await?;
    }
    Ok(())
}

/// Tells assets that their list of work is another one.
pub(crate) async fn bump_work(tx: &mut Tx, assets: &BTreeSet<AssetId>) -> Result<()> {
    let all: Vec<AssetId> = assets.iter().copied().collect();
    for chunk in all.chunks(CHUNK) {
        let mut values = Values::default();
        let sql = format!("UPDATE assets SET work_number = work_number + 1 WHERE asset_id IN ({})", values.texts(chunk));
        tx.run("note new work", sql, values).await?;
    }
    Ok(())
}

/// Opens runs again of which a part is open again, because an agent's word came after its ending was presumed.
pub(crate) async fn reopen_runs(tx: &mut Tx, runs: &BTreeSet<RunId>) -> Result<()> {
    for run in runs {
        sqlx::query("UPDATE runs SET ended_at = NULL WHERE id = $1 AND ended_at IS NOT NULL")
            .bind(run.to_string())
            .execute(tx.conn())
            .await
            .attempt("open a run again")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patch_status_has_its_column() {
        let named: Vec<String> = PatchRunStatus::ALL.iter().map(|status| format!("n_{status}")).collect();
        assert_eq!(named, COUNTS);
    }
}
