//! The audit log: who changed what, when and from where; appended in the transaction of the change.

use crate::{Result, Store, StoreError};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use jiff::Timestamp;
use serde_json::Value;

/// A change, as the one who makes it describes it. Never holds a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the server itself.
    pub who: Option<UserId>,
    /// Their name at that time; `fettle` for the server itself.
    pub who_name: String,
    /// From where: an address, or `local`.
    pub from: String,
    /// What was done: `user.create`.
    pub action: String,
    /// To what: `user 0190…`.
    pub subject: String,
    /// How it was; `None` for a creation.
    pub before: Option<Value>,
    /// How it is now; `None` for a removal.
    pub after: Option<Value>,
}

/// An entry in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Position in the chain, from 1, without gaps.
    pub number: u64,
    /// The change.
    pub entry: AuditEntry,
    /// SHA-256 over the hash before it and this entry.
    pub hash: Sha256Digest,
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every entry is as it was written, none is missing; how many there are.
    Whole(u64),
    /// The first entry that is missing or was changed.
    Broken {
        /// Its position.
        number: u64,
    },
}

impl Store {
    /// Appends an entry that belongs to no other change, such as a log-in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_audit(&self, entry: &AuditEntry) -> Result<()> {
        let _ = entry;
        Err(StoreError::Closed)
    }

    /// Entries, newest first, older than position `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRow>> {
        let _ = (before, limit);
        Err(StoreError::Closed)
    }

    /// Recomputes the chain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_audit(&self) -> Result<AuditVerdict> {
        Err(StoreError::Closed)
    }
}
