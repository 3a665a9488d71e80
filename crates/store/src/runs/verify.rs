//! Verifying runs by a scan.

use super::part::{bump_work, lock_assets, read_parts, write_parts};
use crate::engine::{Tx, Values};
use crate::error::Result;
use crate::row::Get;
use crate::scans::Verdict;
use fettle_deploy::run::Outcome;
use fettle_model::ids::{AssetId, RunId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A scan that may prove something.
pub(crate) struct Proof {
    /// When it was made, by the agent's clock.
    pub(crate) scanned_at: Timestamp,
    /// What it says.
    pub(crate) verdict: Verdict,
}

/// Judges what waits for a scan; one statement when nothing does. Gives the runs in which each asset moved on.
pub(crate) async fn verify(tx: &mut Tx, proofs: &BTreeMap<AssetId, Proof>, now: Timestamp) -> Result<BTreeMap<AssetId, Vec<RunId>>> {
    let mut moved: BTreeMap<AssetId, Vec<RunId>> = BTreeMap::new();
    if proofs.is_empty() {
        return Ok(moved);
    }
    let mut values = Values::default();
    let sql = format!(
        "SELECT DISTINCT asset_id FROM run_assets WHERE is_open = 1 AND status = 'verifying' AND asset_id IN ({})",
        values.texts(proofs.keys())
    );
    let rows = tx.rows("look for what waits for a scan", sql, values).await?;
    let waiting = rows.iter().map(|row| row.parsed("asset_id")).collect::<Result<BTreeSet<AssetId>>>()?;
    if waiting.is_empty() {
        return Ok(moved);
    }
    lock_assets(tx, &waiting).await?;
    let mut values = Values::default();
    let condition = format!("is_open = 1 AND status = 'verifying' AND asset_id IN ({})", values.texts(&waiting));
    let mut changed = Vec::new();
    for mut part in read_parts(tx, &condition, values).await? {
        let Some(proof) = proofs.get(&part.asset) else { continue };
        if part.state.verify(proof.scanned_at, &*proof.verdict) == Outcome::Changed {
            moved.entry(part.asset).or_default().push(part.run);
            changed.push(part);
        }
    }
    write_parts(tx, &changed, now).await?;
    bump_work(tx, &changed.iter().map(|part| part.asset).collect()).await?;
    Ok(moved)
}
