//! Feeds: where catalog records come from, and how the last synchronisation went.

use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::ids::FeedId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A source of catalog records.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRecord {
    /// Id.
    pub id: FeedId,
    /// Name for people; unique.
    pub name: String,
    /// The feed's configuration as the catalog crate writes it.
    pub config: Value,
    /// Whether it is synchronised.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// How the last synchronisation went.
    pub state: FeedState,
}

/// How the last synchronisation of a feed went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    /// When it was last tried.
    pub last_attempt: Option<Timestamp>,
    /// When it last succeeded, changed or not.
    pub last_success: Option<Timestamp>,
    /// Why the last try failed; `None` after a success.
    pub error: Option<String>,
    /// What the last success was in doubt about.
    pub warnings: Vec<String>,
    /// Patches added by the last import.
    pub added: u32,
    /// Patches changed by the last import.
    pub changed: u32,
    /// Patches withdrawn by the last import.
    pub withdrawn: u32,
    /// Patches it carries.
    pub patches: u32,
    /// Somebody asked for a synchronisation since the last try.
    pub requested: bool,
}

/// What can be changed of a feed; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeedChange {
    /// New name.
    pub name: Option<String>,
    /// New configuration.
    pub config: Option<Value>,
    /// Switch it off or on.
    pub enabled: Option<bool>,
}

impl Store {
    /// Every feed, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feeds(&self) -> Result<Vec<FeedRecord>> {
        Err(StoreError::Closed)
    }

    /// One feed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed(&self, id: FeedId) -> Result<Option<FeedRecord>> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// Adds a feed, with a first synchronisation requested.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `name-taken`.
    pub async fn create_feed(&self, feed: &FeedRecord, audit: &AuditEntry) -> Result<()> {
        let _ = (feed, audit);
        Err(StoreError::Closed)
    }

    /// Changes a feed; a changed configuration requests a synchronisation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `name-taken`.
    pub async fn update_feed(&self, id: FeedId, change: &FeedChange, audit: &AuditEntry) -> Result<FeedRecord> {
        let _ = (id, change, audit);
        Err(StoreError::Closed)
    }

    /// Removes a feed and withdraws its patches. Gives the catalog's new generation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_feed(&self, id: FeedId, audit: &AuditEntry) -> Result<u64> {
        let _ = (id, audit);
        Err(StoreError::Closed)
    }

    /// Asks for a synchronisation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn request_sync(&self, id: FeedId, audit: &AuditEntry) -> Result<()> {
        let _ = (id, audit);
        Err(StoreError::Closed)
    }

    /// Notes that a synchronisation failed, or that it succeeded and nothing had changed (`error` is `None`).
    /// A removed feed is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_sync(&self, id: FeedId, now: Timestamp, error: Option<&str>) -> Result<()> {
        let _ = (id, now, error);
        Err(StoreError::Closed)
    }
}
