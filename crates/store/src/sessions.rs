//! Log-in sessions. Only the hash of a session's token is kept.

use crate::{Result, Store, StoreError, UserRecord};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use jiff::Timestamp;

/// A log-in session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// SHA-256 of the token in the cookie.
    pub token_hash: Sha256Digest,
    /// Who logged in.
    pub user: UserId,
    /// What a write must carry in `X-CSRF-Token`.
    pub csrf_token: String,
    /// From where they logged in.
    pub from: String,
    /// When they logged in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// From this time on it is worth nothing.
    pub expires_at: Timestamp,
}

impl Store {
    /// Begins a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_session(&self, session: &SessionRecord) -> Result<()> {
        let _ = session;
        Err(StoreError::Closed)
    }

    /// The session of a token and its person, unless it has expired or the person is disabled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, token_hash: Sha256Digest, now: Timestamp) -> Result<Option<(SessionRecord, UserRecord)>> {
        let _ = (token_hash, now);
        Err(StoreError::Closed)
    }

    /// Notes that a session was used and moves its end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_session(&self, token_hash: Sha256Digest, now: Timestamp, expires_at: Timestamp) -> Result<()> {
        let _ = (token_hash, now, expires_at);
        Err(StoreError::Closed)
    }

    /// Ends a session; one that has ended already is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, token_hash: Sha256Digest) -> Result<()> {
        let _ = token_hash;
        Err(StoreError::Closed)
    }
}
