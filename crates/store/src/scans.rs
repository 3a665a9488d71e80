//! Scans: inventories, findings, and what is verified by them.

use crate::engine::{CHUNK, Engine, Tx, Values};
use crate::error::Attempt;
use crate::group::{Scan, ScanKind};
use crate::row::{Get, json, micros};
use crate::{Facts, Result, Store, StoreError};
use fettle_deploy::run::FindingState;
use fettle_fleet::encode_findings;
use fettle_model::asset::ScanStatus;
use fettle_model::digest::Sha256Digest;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, PatchId, RunId};
use fettle_model::inventory::{Inventory, Volatile, WindowsSoftware};
use fettle_protocol::codec;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What assessment decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessed {
    /// The asset misses and has these.
    Findings {
        /// What.
        findings: Findings,
        /// The catalog they were made with.
        generation: u64,
    },
    /// The system cannot be assessed.
    Unsupported {
        /// Why.
        why: String,
        /// The catalog it was tried with.
        generation: u64,
    },
}

/// What a scan says about a patch of a run that waits for its proof.
pub type Verdict = Arc<dyn Fn(&PatchId) -> FindingState + Send + Sync>;

/// A scan with its inventory.
#[derive(Clone)]
pub struct Upload {
    /// Which asset.
    pub asset: AssetId,
    /// Names the inventory ([`fettle_protocol::codec::inventory_digest`]).
    pub digest: Sha256Digest,
    /// What was observed.
    pub inventory: Arc<Inventory>,
    /// What changes all the time.
    pub volatile: Volatile,
    /// When the scan was made, by the agent's clock.
    pub scanned_at: Timestamp,
    /// When it arrived, by the server's.
    pub received_at: Timestamp,
    /// What it means.
    pub assessed: Assessed,
    /// What it says about patches that wait for their proof.
    pub verdict: Verdict,
}

/// A scan of a machine that has not changed.
#[derive(Clone)]
pub struct UnchangedScan {
    /// Which asset.
    pub asset: AssetId,
    /// Names the inventory.
    pub digest: Sha256Digest,
    /// What changes all the time.
    pub volatile: Volatile,
    /// When the scan was made, by the agent's clock.
    pub scanned_at: Timestamp,
    /// When it arrived, by the server's.
    pub received_at: Timestamp,
    /// What the stored findings say about patches that wait for their proof.
    pub verdict: Verdict,
}

/// An agent could not make an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanFailure {
    /// Which asset.
    pub asset: AssetId,
    /// Why.
    pub reason: String,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// How a scan was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanOutcome {
    /// It is durable.
    Recorded {
        /// Runs in which it moved the asset on.
        runs: Vec<RunId>,
    },
    /// The store does not have this inventory for this asset; nothing was recorded.
    SendInventory,
    /// The asset was removed.
    Removed,
}

/// An asset whose findings are older than the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outdated {
    /// Which asset.
    pub asset: AssetId,
    /// The inventory they come from.
    pub digest: Sha256Digest,
    /// The catalog they were made with.
    pub generation: u64,
}

/// New findings for a stored inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassessed {
    /// Which asset.
    pub asset: AssetId,
    /// The inventory they were made from; when it is no longer the asset's, they are dropped.
    pub digest: Sha256Digest,
    /// What it means now.
    pub assessed: Assessed,
}

impl Store {
    /// Records a scan with its inventory and findings and verifies runs by it; grouped with other uploads.
    ///
    /// # Errors
    /// When the database fails; nothing was recorded then.
    pub async fn record_upload(&self, upload: Upload) -> Result<ScanOutcome> {
        let body = pack(&upload.inventory)?;
        let row = AssessedRow::of(&upload.assessed);
        let kind = ScanKind::Upload {
            digest: upload.digest,
            body,
            hostname: upload.inventory.hostname.clone(),
            facts: json("facts", &Facts::of(&upload.inventory))?,
            volatile: json("volatile", &upload.volatile)?,
            scanned_at: upload.scanned_at,
            assessed: row,
            verdict: upload.verdict,
        };
        self.inner.group.scan(Scan { asset: upload.asset, received_at: upload.received_at, kind }).await
    }

    /// Records a scan of an unchanged machine, when `digest` is the asset's stored inventory, and verifies runs by
    /// it; grouped with other uploads.
    ///
    /// # Errors
    /// When the database fails; nothing was recorded then.
    pub async fn record_unchanged(&self, scan: UnchangedScan) -> Result<ScanOutcome> {
        let kind = ScanKind::Unchanged {
            digest: scan.digest,
            volatile: json("volatile", &scan.volatile)?,
            scanned_at: scan.scanned_at,
            verdict: scan.verdict,
        };
        self.inner.group.scan(Scan { asset: scan.asset, received_at: scan.received_at, kind }).await
    }

    /// Records that a scan failed. The last good inventory and its findings stay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_scan_failure(&self, failure: ScanFailure) -> Result<ScanOutcome> {
        let kind = ScanKind::Failure { reason: failure.reason };
        self.inner.group.scan(Scan { asset: failure.asset, received_at: failure.received_at, kind }).await
    }

    /// Marks assets as stale whose last scan is older than `before`. Gives them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_stale(&self, before: Timestamp) -> Result<Vec<AssetId>> {
        let mut tx = self.begin().await?;
        let which = format!("SELECT asset_id FROM scans WHERE status IN ($2, $3) AND last_scan < $4 ORDER BY asset_id{}", tx.for_update());
        let sql = format!("UPDATE scans SET status = $1 WHERE asset_id IN ({which}) RETURNING asset_id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(ScanStatus::Stale.as_str())
            .bind(ScanStatus::Scanned.as_str())
            .bind(ScanStatus::Scanning.as_str())
            .bind(micros(before))
            .fetch_all(tx.conn())
            .await
            .attempt("mark stale assets")?;
        tx.commit().await?;
        rows.iter().map(|row| row.parsed("asset_id")).collect()
    }

    /// Assets whose findings are older than `generation`, in order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outdated(&self, generation: u64, after: Option<AssetId>, limit: u32) -> Result<Vec<Outdated>> {
        let rows = sqlx::query(
            "SELECT asset_id, digest, generation FROM scans WHERE digest IS NOT NULL AND generation < $1 AND asset_id > $2 ORDER BY asset_id LIMIT $3",
        )
        .bind(i64::try_from(generation).unwrap_or(i64::MAX))
        .bind(after.map_or_else(String::new, |id| id.to_string()))
        .bind(i64::from(limit))
        .fetch_all(self.read())
        .await
        .attempt("look for outdated findings")?;
        rows.iter()
            .map(|row| {
                Ok(Outdated { asset: row.parsed("asset_id")?, digest: row.digest("digest")?, generation: row.unsigned("generation")? })
            })
            .collect()
    }

    /// Stored inventories by digest. Unknown ones are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inventories(&self, digests: &[Sha256Digest]) -> Result<HashMap<Sha256Digest, Inventory>> {
        let mut found = HashMap::with_capacity(digests.len());
        for chunk in digests.chunks(CHUNK) {
            let mut values = Values::default();
            let places: Vec<String> = chunk.iter().map(|digest| values.blob(digest.0.to_vec())).collect();
            let sql = format!("SELECT digest, body FROM inventories WHERE digest IN ({})", places.join(", "));
            for row in values.bind(sql).fetch_all(self.read()).await.attempt("read inventories")? {
                found.insert(row.digest("digest")?, unpack(&row.blob("body")?)?);
            }
        }
        Ok(found)
    }

    /// Writes new findings of stored inventories, all in one transaction. Findings of an older catalog, or of an
    /// inventory that has been replaced since, are dropped. Gives the assets that were written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_reassessed(&self, reassessed: &[Reassessed]) -> Result<Vec<AssetId>> {
        let latest: BTreeMap<AssetId, &Reassessed> = reassessed.iter().map(|one| (one.asset, one)).collect();
        let latest: Vec<_> = latest.into_values().collect();
        let mut tx = self.begin().await?;
        lock(&mut tx, &latest.iter().map(|one| one.asset).collect::<Vec<_>>()).await?;
        let mut written = Vec::with_capacity(latest.len());
        for chunk in latest.chunks(CHUNK) {
            written.extend(save_chunk(&mut tx, chunk).await?);
        }
        tx.commit().await?;
        Ok(written)
    }
}

/// How an inventory is kept. A new shape is a new variant at the end.
#[derive(Serialize)]
enum StoredRef<'a> {
    V1(&'a Inventory),
    V2(&'a Inventory, &'a WindowsSoftware),
}

#[derive(Deserialize)]
enum Stored {
    V1(Box<Inventory>),
    /// With its software on Windows.
    V2(Box<Inventory>, WindowsSoftware),
}

fn pack(inventory: &Inventory) -> Result<Vec<u8>> {
    let stored = if inventory.windows.is_empty() { StoredRef::V1(inventory) } else { StoredRef::V2(inventory, &inventory.windows) };
    let body = codec::encode(&stored).map_err(|source| StoreError::encode("inventory", source))?;
    if body.len() > codec::MAX_BODY {
        // What could never be read again is not taken.
        return Err(StoreError::encode("inventory", codec::CodecError::TooLarge { limit: codec::MAX_BODY }));
    }
    Ok(body)
}

pub(crate) fn unpack(body: &[u8]) -> Result<Inventory> {
    match codec::decode(body).map_err(|source| StoreError::corrupt("inventory", source))? {
        Stored::V1(inventory) => Ok(*inventory),
        Stored::V2(inventory, windows) => Ok(Inventory { windows, ..*inventory }),
    }
}

/// [`Assessed`] as columns.
#[derive(Debug, Clone)]
pub(crate) struct AssessedRow {
    pub(crate) status: ScanStatus,
    pub(crate) unsupported: Option<String>,
    pub(crate) findings: Option<Vec<u8>>,
    pub(crate) generation: i64,
}

impl AssessedRow {
    fn of(assessed: &Assessed) -> Self {
        let signed = |generation: &u64| i64::try_from(*generation).unwrap_or(i64::MAX);
        match assessed {
            Assessed::Findings { findings, generation } => Self {
                status: ScanStatus::Scanned,
                unsupported: None,
                findings: Some(encode_findings(findings)),
                generation: signed(generation),
            },
            Assessed::Unsupported { why, generation } => {
                Self { status: ScanStatus::Unsupported, unsupported: Some(why.clone()), findings: None, generation: signed(generation) }
            }
        }
    }
}

/// Locks the scans of assets, which are given in the order of their ids. Who changes scans and assets locks the scans first.
pub(crate) async fn lock(tx: &mut Tx, assets: &[AssetId]) -> Result<()> {
    if tx.engine() == Engine::Sqlite {
        return Ok(());
    }
    for chunk in assets.chunks(CHUNK) {
        let mut values = Values::default();
        let places = values.texts(chunk);
        let sql = format!("SELECT asset_id FROM scans WHERE asset_id IN ({places}) ORDER BY asset_id{}", tx.for_update());
        tx.rows("wait for scans", sql, values).await?;
    }
    Ok(())
}

async fn save_chunk(tx: &mut Tx, chunk: &[&Reassessed]) -> Result<Vec<AssetId>> {
    let mut values = Values::default();
    let rows: Vec<String> = chunk
        .iter()
        .map(|one| {
            let row = AssessedRow::of(&one.assessed);
            let places = [
                values.text(one.asset.to_string()),
                values.blob(one.digest.0.to_vec()),
                values.text(row.status.as_str()),
                values.maybe_text(row.unsupported),
                values.blob(row.findings),
                values.int(row.generation),
            ];
            format!("({})", places.join(", "))
        })
        .collect();
    // An asset that is asked to scan, stale, or failed to scan stays so: new findings are no scan.
    let sql = format!(
        "WITH v (asset_id, digest, status, unsupported, findings, generation) AS (VALUES {})
         UPDATE scans SET unsupported = v.unsupported, findings = v.findings, generation = v.generation,
             status = CASE WHEN scans.status IN ('scanned', 'unsupported') THEN v.status ELSE scans.status END,
             error = CASE WHEN scans.status IN ('scanned', 'unsupported') THEN v.unsupported ELSE scans.error END
         FROM v WHERE scans.asset_id = v.asset_id AND scans.digest = v.digest AND scans.generation < v.generation
         RETURNING scans.asset_id",
        rows.join(", ")
    );
    let rows = tx.rows("write new findings", sql, values).await?;
    rows.iter().map(|row| row.parsed("asset_id")).collect()
}
