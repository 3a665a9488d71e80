//! Activation keys: what an installer carries to enrol. Only the hash of a secret is kept.

use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{KeyId, TagId, UserId};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// An activation key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationKeyRecord {
    /// Id.
    pub id: KeyId,
    /// What it is for.
    pub title: String,
    /// SHA-256 of the secret.
    pub secret_hash: Sha256Digest,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this time on nothing enrols with it; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// How many machines may enrol with it; `None`: any number.
    pub use_limit: Option<u32>,
    /// How many machines have enrolled with it. A machine that comes back is not counted again.
    pub uses: u32,
    /// Tags given to machines that enrol with it.
    pub tags: BTreeSet<TagId>,
    /// Nothing enrols with it for now.
    pub disabled: bool,
}

/// What can be changed of an activation key; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivationKeyChange {
    /// New title.
    pub title: Option<String>,
    /// Switch it off or on.
    pub disabled: Option<bool>,
}

impl Store {
    /// Adds a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] of a tag.
    pub async fn create_activation_key(&self, key: &ActivationKeyRecord, audit: &AuditEntry) -> Result<()> {
        let _ = (key, audit);
        Err(StoreError::Closed)
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activation_keys(&self) -> Result<Vec<ActivationKeyRecord>> {
        Err(StoreError::Closed)
    }

    /// One key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activation_key(&self, id: KeyId) -> Result<Option<ActivationKeyRecord>> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// Changes a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn update_activation_key(&self, id: KeyId, change: &ActivationKeyChange, audit: &AuditEntry) -> Result<ActivationKeyRecord> {
        let _ = (id, change, audit);
        Err(StoreError::Closed)
    }

    /// Removes a key. Machines that enrolled with it stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_activation_key(&self, id: KeyId, audit: &AuditEntry) -> Result<()> {
        let _ = (id, audit);
        Err(StoreError::Closed)
    }
}
