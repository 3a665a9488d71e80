//! Scans: inventories, findings, and what is verified by them.

use crate::{Result, Store, StoreError};
use fettle_model::digest::Sha256Digest;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::{AssetId, PatchId, RunId};
use fettle_model::inventory::{Inventory, Volatile};
use jiff::Timestamp;
use std::collections::HashMap;
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

/// What a scan says about a patch of a run that waits for its proof; `None`: it does not apply.
pub type Verdict = Arc<dyn Fn(&PatchId) -> Option<FindingStatus> + Send + Sync>;

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
        let _ = upload;
        Err(StoreError::Closed)
    }

    /// Records a scan of an unchanged machine, when `digest` is the asset's stored inventory, and verifies runs by
    /// it; grouped with other uploads.
    ///
    /// # Errors
    /// When the database fails; nothing was recorded then.
    pub async fn record_unchanged(&self, scan: UnchangedScan) -> Result<ScanOutcome> {
        let _ = scan;
        Err(StoreError::Closed)
    }

    /// Records that a scan failed. The last good inventory and its findings stay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_scan_failure(&self, failure: ScanFailure) -> Result<ScanOutcome> {
        let _ = failure;
        Err(StoreError::Closed)
    }

    /// Marks assets as stale whose last scan is older than `before`. Gives them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_stale(&self, before: Timestamp) -> Result<Vec<AssetId>> {
        let _ = before;
        Err(StoreError::Closed)
    }

    /// Assets whose findings are older than `generation`, in order of their ids, with the inventory they come from.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outdated(&self, generation: u64, after: Option<AssetId>, limit: u32) -> Result<Vec<(AssetId, Sha256Digest)>> {
        let _ = (generation, after, limit);
        Err(StoreError::Closed)
    }

    /// Stored inventories by digest. Unknown ones are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inventories(&self, digests: &[Sha256Digest]) -> Result<HashMap<Sha256Digest, Inventory>> {
        let _ = digests;
        Err(StoreError::Closed)
    }

    /// Writes new findings of stored inventories, all in one transaction. Findings of an older catalog, or of an
    /// inventory that has been replaced since, are dropped. Gives the assets that were written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_reassessed(&self, reassessed: &[Reassessed]) -> Result<Vec<AssetId>> {
        let _ = reassessed;
        Err(StoreError::Closed)
    }
}
