//! People who can log in.

use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::access::{Role, Scope};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use jiff::Timestamp;

/// A person who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Id.
    pub id: UserId,
    /// Log-in name; unique whatever its case.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they see: the tags they were given, without children added.
    pub scope: Scope,
    /// Argon2id hash as PHC text.
    pub password_hash: String,
    /// Cannot log in; their jobs do not run.
    pub disabled: bool,
    /// When they were added.
    pub created_at: Timestamp,
}

impl Store {
    /// Whether anybody can log in yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_users(&self) -> Result<bool> {
        Err(StoreError::Closed)
    }

    /// Adds the first person.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `already-set-up` when there is one already, also when two try at once.
    pub async fn create_first_user(&self, user: &UserRecord, audit: &AuditEntry) -> Result<()> {
        let _ = (user, audit);
        Err(StoreError::Closed)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `name-taken`.
    pub async fn create_user(&self, user: &UserRecord, audit: &AuditEntry) -> Result<()> {
        let _ = (user, audit);
        Err(StoreError::Closed)
    }

    /// Changes a person (everything but id and creation time). Disabling one ends their sessions.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `name-taken`, or `last-super-user` when nobody would
    /// be left who may administer.
    pub async fn update_user(&self, user: &UserRecord, audit: &AuditEntry) -> Result<()> {
        let _ = (user, audit);
        Err(StoreError::Closed)
    }

    /// Sets a password and ends all sessions of the person but `keep` (the token's hash).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_password(&self, id: UserId, password_hash: &str, keep: Option<Sha256Digest>, audit: &AuditEntry) -> Result<()> {
        let _ = (id, password_hash, keep, audit);
        Err(StoreError::Closed)
    }

    /// Removes a person with their sessions and tokens. Their jobs stay and do not run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `last-super-user`.
    pub async fn delete_user(&self, id: UserId, audit: &AuditEntry) -> Result<()> {
        let _ = (id, audit);
        Err(StoreError::Closed)
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<UserRecord>> {
        Err(StoreError::Closed)
    }

    /// One person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<UserRecord>> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// One person by log-in name, whatever its case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserRecord>> {
        let _ = name;
        Err(StoreError::Closed)
    }
}
