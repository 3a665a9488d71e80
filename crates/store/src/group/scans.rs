//! The scans of a group: three statements for any number of uploads, of which the third finds out that nothing
//! waits for a proof.

use super::{Scan, ScanKind};
use crate::engine::{Tx, Values};
use crate::error::Result;
use crate::row::{Get, micros};
use crate::runs::{Proof, verify};
use crate::scans::ScanOutcome;
use fettle_model::asset::ScanStatus;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, RunId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How old the mark on a stored inventory may be before it is renewed: far less than the age at which unused
/// inventories are thrown away, and long enough that a fleet of equal machines does not write it all the time.
const MARK_AGE_MICROS: i64 = 3_600_000_000;

/// Writes scans of different assets. The outcomes are in the same order.
pub(super) async fn write(tx: &mut Tx, scans: &[&Scan]) -> Result<Vec<ScanOutcome>> {
    keep_inventories(tx, scans).await?;
    let mut recorded = uploads(tx, scans).await?;
    recorded.extend(unchanged(tx, scans).await?);
    recorded.extend(failures(tx, scans).await?);
    let proofs: BTreeMap<AssetId, Proof> =
        scans.iter().filter(|scan| recorded.contains(&scan.asset)).filter_map(|scan| Some((scan.asset, proof(scan)?))).collect();
    let now = scans.iter().map(|scan| scan.received_at).max().unwrap_or(Timestamp::UNIX_EPOCH);
    let mut moved = verify(tx, &proofs, now).await?;
    let unknown: BTreeSet<AssetId> = scans.iter().map(|scan| scan.asset).filter(|asset| !recorded.contains(asset)).collect();
    let there = still_there(tx, &unknown).await?;
    Ok(scans.iter().map(|scan| outcome(scan.asset, &recorded, &there, &mut moved)).collect())
}

fn outcome(
    asset: AssetId,
    recorded: &BTreeSet<AssetId>,
    there: &BTreeSet<AssetId>,
    moved: &mut BTreeMap<AssetId, Vec<RunId>>,
) -> ScanOutcome {
    if recorded.contains(&asset) {
        ScanOutcome::Recorded { runs: moved.remove(&asset).unwrap_or_default() }
    } else if there.contains(&asset) {
        ScanOutcome::SendInventory
    } else {
        ScanOutcome::Removed
    }
}

fn proof(scan: &Scan) -> Option<Proof> {
    match &scan.kind {
        ScanKind::Upload { scanned_at, verdict, .. } | ScanKind::Unchanged { scanned_at, verdict, .. } => {
            Some(Proof { scanned_at: *scanned_at, verdict: Arc::clone(verdict) })
        }
        ScanKind::Failure { .. } => None,
    }
}

/// Keeps the inventories of uploads, each once.
async fn keep_inventories(tx: &mut Tx, scans: &[&Scan]) -> Result<()> {
    let mut bodies: BTreeMap<Sha256Digest, (&[u8], Timestamp)> = BTreeMap::new();
    for scan in scans {
        if let ScanKind::Upload { digest, body, .. } = &scan.kind {
            bodies.insert(*digest, (body, scan.received_at));
        }
    }
    if bodies.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    let rows: Vec<String> = bodies
        .into_iter()
        .map(|(digest, (body, at))| {
            format!("({}, {}, {})", values.blob(digest.0.to_vec()), values.blob(body.to_vec()), values.int(micros(at)))
        })
        .collect();
    let sql = format!(
        "INSERT INTO inventories (digest, body, used_at) VALUES {}
         ON CONFLICT (digest) DO UPDATE SET used_at = excluded.used_at WHERE inventories.used_at < excluded.used_at - {MARK_AGE_MICROS}",
        rows.join(", ")
    );
    tx.run("keep inventories", sql, values).await?;
    Ok(())
}

/// Runs an update that begins with a list of rows and gives the assets it found.
async fn update(tx: &mut Tx, what: &'static str, columns: &str, rows: &[String], set: &str, values: Values) -> Result<BTreeSet<AssetId>> {
    if rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!("WITH v ({columns}) AS (VALUES {}) UPDATE scans SET {set} RETURNING scans.asset_id", rows.join(", "));
    tx.rows(what, sql, values).await?.iter().map(|row| row.parsed("asset_id")).collect()
}

async fn uploads(tx: &mut Tx, scans: &[&Scan]) -> Result<BTreeSet<AssetId>> {
    let mut values = Values::default();
    let mut rows = Vec::new();
    for scan in scans {
        let ScanKind::Upload { digest, hostname, facts, volatile, scanned_at, assessed, .. } = &scan.kind else { continue };
        let places = [
            values.text(scan.asset.to_string()),
            values.text(assessed.status.as_str()),
            values.int(micros(scan.received_at)),
            values.int(micros(*scanned_at)),
            values.text(hostname),
            values.blob(digest.0.to_vec()),
            values.text(facts),
            values.text(volatile),
            values.int(assessed.generation),
            values.maybe_text(assessed.unsupported.clone()),
            values.blob(assessed.findings.clone()),
        ];
        rows.push(format!("({})", places.join(", ")));
    }
    let columns = "asset_id, status, last_scan, scanned_at, hostname, digest, facts, volatile, generation, unsupported, findings";
    let set = "status = v.status, error = v.unsupported, last_scan = v.last_scan, scanned_at = v.scanned_at, hostname = v.hostname,
        digest = v.digest, facts = v.facts, volatile = v.volatile, generation = v.generation, unsupported = v.unsupported,
        findings = v.findings FROM v WHERE scans.asset_id = v.asset_id";
    update(tx, "record uploads", columns, &rows, set, values).await
}

async fn unchanged(tx: &mut Tx, scans: &[&Scan]) -> Result<BTreeSet<AssetId>> {
    let mut values = Values::default();
    let mut rows = Vec::new();
    for scan in scans {
        let ScanKind::Unchanged { digest, volatile, scanned_at, .. } = &scan.kind else { continue };
        let places = [
            values.text(scan.asset.to_string()),
            values.int(micros(scan.received_at)),
            values.int(micros(*scanned_at)),
            values.blob(digest.0.to_vec()),
            values.text(volatile),
        ];
        rows.push(format!("({})", places.join(", ")));
    }
    let set = "status = CASE WHEN scans.unsupported IS NULL THEN 'scanned' ELSE 'unsupported' END, error = scans.unsupported,
        last_scan = v.last_scan, scanned_at = v.scanned_at, volatile = v.volatile
        FROM v WHERE scans.asset_id = v.asset_id AND scans.digest = v.digest";
    update(tx, "record unchanged scans", "asset_id, last_scan, scanned_at, digest, volatile", &rows, set, values).await
}

async fn failures(tx: &mut Tx, scans: &[&Scan]) -> Result<BTreeSet<AssetId>> {
    let mut values = Values::default();
    let mut rows = Vec::new();
    for scan in scans {
        let ScanKind::Failure { reason } = &scan.kind else { continue };
        rows.push(format!("({}, {})", values.text(scan.asset.to_string()), values.text(reason)));
    }
    let set = format!("status = '{}', error = v.error FROM v WHERE scans.asset_id = v.asset_id", ScanStatus::ScanFailed);
    update(tx, "record failed scans", "asset_id, error", &rows, &set, values).await
}

async fn still_there(tx: &mut Tx, assets: &BTreeSet<AssetId>) -> Result<BTreeSet<AssetId>> {
    if assets.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut values = Values::default();
    let sql = format!("SELECT asset_id FROM scans WHERE asset_id IN ({})", values.texts(assets));
    tx.rows("look for assets", sql, values).await?.iter().map(|row| row.parsed("asset_id")).collect()
}
