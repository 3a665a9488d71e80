//! Assets: what is known of each machine.

use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::asset::ScanStatus;
use fettle_model::digest::Sha256Digest;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, KeyId, TagId};
use fettle_model::inventory::{Inventory, Volatile};
use fettle_model::os::OperatingSystem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An asset with everything lists show.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetRecord {
    /// Id.
    pub id: AssetId,
    /// Stable id of the machine.
    pub machine_id: String,
    /// Name of the machine.
    pub name: String,
    /// Version of its agent.
    pub agent_version: String,
    /// Its agent never changes it.
    pub assess_only: bool,
    /// When it first enrolled.
    pub created_at: Timestamp,
    /// The activation key it last enrolled with.
    pub enrolled_with: Option<KeyId>,
    /// When its agent was last heard of.
    pub last_check_in: Option<Timestamp>,
    /// Tags it carries, without parents.
    pub tags: BTreeSet<TagId>,
    /// What its agent is told at a check-in.
    pub numbers: Numbers,
    /// Its last scan.
    pub scan: ScanRecord,
}

/// Numbers that tell an agent whether there is anything new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Grows when its list of open manifests changes.
    pub work: u64,
    /// Grows when a scan is asked for.
    pub scan: u64,
}

/// The last scan of an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanRecord {
    /// How it went.
    pub status: ScanStatus,
    /// Why it failed or why the system cannot be assessed.
    pub error: Option<String>,
    /// When the last good one was made, by the server's clock at its arrival.
    pub last_scan: Option<Timestamp>,
    /// Names the inventory.
    pub inventory: Option<Sha256Digest>,
    /// What lists show of the inventory.
    pub facts: Option<Facts>,
    /// What changes all the time.
    pub volatile: Volatile,
    /// The catalog the findings were made with.
    pub catalog_generation: u64,
    /// What the asset misses and has.
    pub findings: Findings,
}

/// What lists show of an inventory, so that they need not unpack it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Operating system.
    pub os: OperatingSystem,
    /// Addresses of all interfaces.
    pub addresses: Vec<String>,
    /// Whether the machine should be restarted.
    pub pending_reboot: bool,
    /// Number of packages.
    pub packages: u32,
}

impl Facts {
    /// The facts of an inventory.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        Self {
            os: inventory.os.clone(),
            addresses: inventory.interfaces.iter().flat_map(|interface| interface.addresses.iter().cloned()).collect(),
            pending_reboot: !inventory.pending_reboot.is_empty(),
            packages: u32::try_from(inventory.packages.len()).unwrap_or(u32::MAX),
        }
    }
}

/// An agent was heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInNote {
    /// Which asset.
    pub asset: AssetId,
    /// When.
    pub at: Timestamp,
    /// Version of its agent.
    pub agent_version: String,
    /// Its agent never changes it.
    pub assess_only: bool,
}

impl Store {
    /// Assets in order of their ids, after `after`; for building the index of the fleet piece by piece.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn assets(&self, after: Option<AssetId>, limit: u32) -> Result<Vec<AssetRecord>> {
        let _ = (after, limit);
        Err(StoreError::Closed)
    }

    /// One asset.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn asset(&self, id: AssetId) -> Result<Option<AssetRecord>> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// The stored inventory of an asset.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inventory(&self, asset: AssetId) -> Result<Option<Inventory>> {
        let _ = asset;
        Err(StoreError::Closed)
    }

    /// What to tell an asset at a check-in; `None` when it was removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn numbers(&self, asset: AssetId) -> Result<Option<Numbers>> {
        let _ = asset;
        Err(StoreError::Closed)
    }

    /// Notes that agents were heard of, all in one transaction. Notes of removed assets are dropped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_check_ins(&self, notes: &[CheckInNote]) -> Result<()> {
        let _ = notes;
        Err(StoreError::Closed)
    }

    /// Asks an asset to scan: its scan number grows, its status becomes `Scanning`. Gives the number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn request_scan(&self, asset: AssetId, audit: &AuditEntry) -> Result<u64> {
        let _ = (asset, audit);
        Err(StoreError::Closed)
    }
}
