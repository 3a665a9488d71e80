//! Idempotency keys: a creation that is sent twice happens once.

use crate::{Result, Store, StoreError};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use jiff::Timestamp;

/// What to do with a request that carries an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Do it, then call [`Store::finish_idempotent`] or, when nothing happened, [`Store::abandon_idempotent`].
    New,
    /// It was done before: give this answer again.
    Replay(StoredAnswer),
    /// The first one is still being worked on.
    InProgress,
    /// The key was used for another request.
    Conflict,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers worth repeating, such as `location`.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Store {
    /// Begins a request of `user` under `key`; `request` is a digest of method, path and body. Keys live 24 hours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_idempotent(&self, user: UserId, key: &str, request: Sha256Digest, now: Timestamp) -> Result<Begun> {
        let _ = (user, key, request, now);
        Err(StoreError::Closed)
    }

    /// Keeps the answer for repetitions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_idempotent(&self, user: UserId, key: &str, answer: &StoredAnswer) -> Result<()> {
        let _ = (user, key, answer);
        Err(StoreError::Closed)
    }

    /// Forgets the key, because the request changed nothing and may be tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn abandon_idempotent(&self, user: UserId, key: &str) -> Result<()> {
        let _ = (user, key);
        Err(StoreError::Closed)
    }
}
