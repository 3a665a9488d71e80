//! The messages.

use crate::signed::SignedManifest;
use fettle_deploy::run::Report;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, EventId, RunId};
use fettle_model::inventory::{Inventory, Volatile, WindowsSoftware};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks for an identity with an activation key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Enroll {
    /// First version.
    V1 {
        /// The activation key's id and secret, as [`crate::key::ActivationKey`] prints them.
        key: String,
        /// PKCS #10 signing request, DER; its subject is ignored.
        signing_request: Vec<u8>,
        /// Stable for the life of the machine's installation: the SHA-256, in hexadecimal, of machine-id(5) and a fixed word.
        machine_id: String,
        /// Name of the machine.
        hostname: String,
        /// The agent's version.
        agent_version: String,
        /// The agent never changes its machine.
        assess_only: bool,
        /// The agent's clock.
        sent_at: Timestamp,
    },
}

/// An identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Enrolled {
    /// First version.
    V1 {
        /// The asset this machine is.
        asset: AssetId,
        /// Client certificate, PEM.
        certificate: String,
        /// The server's certificate authority, PEM: the only trust anchor from now on.
        authority: String,
        /// Ed25519 public key that signs manifests.
        manifest_key: [u8; 32],
    },
}

/// "I am here; is there anything?" The server holds the answer back until there is, or `wait_seconds` pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckIn {
    /// First version.
    V1 {
        /// The agent's version.
        agent_version: String,
        /// The agent never changes its machine.
        assess_only: bool,
        /// The last [`Nudge`] work number the agent has acted on; 0 at first.
        work_seen: u64,
        /// The last [`Nudge`] scan number the agent has acted on; 0 at first.
        scan_seen: u64,
        /// How long the agent is willing to wait, at most 300.
        wait_seconds: u16,
    },
}

/// The answer to a check-in. Carries numbers only: work itself is fetched by plain idempotent requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nudge {
    /// First version.
    V1 {
        /// Grows when [`Work`] changes.
        work: u64,
        /// Grows when a scan is asked for.
        scan: u64,
        /// Seconds between scans.
        scan_interval_seconds: u32,
        /// Seconds the agent should pause after this answer before it asks again.
        pause_seconds: u16,
        /// The server's clock.
        server_time: Timestamp,
        /// The client certificate ends soon: renew it.
        renew_certificate: bool,
    },
}

/// "This is what I would upload." Sent with every scan; for an unchanged machine it is all that is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScanReport {
    /// First version.
    V1 {
        /// Digest of the inventory, see [`crate::codec::inventory_digest`].
        digest: Sha256Digest,
        /// What changes all the time.
        volatile: Volatile,
        /// When the scan was made, by the agent's clock.
        scanned_at: Timestamp,
    },
    /// The agent could not make an inventory.
    FailedV1 {
        /// Why, for people.
        reason: String,
        /// When, by the agent's clock.
        scanned_at: Timestamp,
    },
}

/// The answer to a [`ScanReport`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScanReply {
    /// The server has this inventory for this asset; the scan is recorded.
    Known,
    /// The server wants the inventory.
    SendInventory,
}

/// The whole inventory. Acknowledged when it is durable and assessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InventoryUpload {
    /// First version, and still the one of machines without software on Windows.
    V1 {
        /// What was observed.
        inventory: Box<Inventory>,
        /// What changes all the time.
        volatile: Volatile,
        /// When the scan was made, by the agent's clock.
        scanned_at: Timestamp,
    },
    /// With software on Windows.
    V2 {
        /// What was observed.
        inventory: Box<Inventory>,
        /// Software as Windows lists it; the inventory's own is not sent.
        windows: WindowsSoftware,
        /// What changes all the time.
        volatile: Volatile,
        /// When the scan was made, by the agent's clock.
        scanned_at: Timestamp,
    },
}

impl InventoryUpload {
    /// The message for an inventory, in the first version that can say it all.
    #[must_use]
    pub fn of(mut inventory: Inventory, volatile: Volatile, scanned_at: Timestamp) -> Self {
        if inventory.windows.is_empty() {
            return Self::V1 { inventory: Box::new(inventory), volatile, scanned_at };
        }
        let windows = std::mem::take(&mut inventory.windows);
        Self::V2 { inventory: Box::new(inventory), windows, volatile, scanned_at }
    }

    /// The inventory, what changes all the time, and when the scan was made.
    #[must_use]
    pub fn into_parts(self) -> (Box<Inventory>, Volatile, Timestamp) {
        match self {
            Self::V1 { inventory, volatile, scanned_at } => (inventory, volatile, scanned_at),
            Self::V2 { mut inventory, windows, volatile, scanned_at } => {
                inventory.windows = windows;
                (inventory, volatile, scanned_at)
            }
        }
    }
}

/// Everything this asset has to do, now and in the near future. What is not listed any more was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// First version.
    V1 {
        /// The [`Nudge`] work number this list belongs to.
        number: u64,
        /// Manifests, oldest first.
        manifests: Vec<SignedManifest>,
    },
}

/// What happened. Sent at least once; the same [`EventId`] twice counts once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reports {
    /// First version.
    V1 {
        /// Oldest first.
        events: Vec<Event>,
    },
}

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Made once, kept over retries.
    pub id: EventId,
    /// The run.
    pub run: RunId,
    /// When, by the agent's clock.
    pub at: Timestamp,
    /// What.
    pub report: Report,
}

/// Asks for a new client certificate with the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Renew {
    /// First version.
    V1 {
        /// PKCS #10 signing request, DER.
        signing_request: Vec<u8>,
    },
}

/// A new client certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Renewed {
    /// First version.
    V1 {
        /// Client certificate, PEM.
        certificate: String,
    },
}
