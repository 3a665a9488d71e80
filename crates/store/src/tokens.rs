//! API tokens. Only the hash of a token is kept.

use crate::{AuditEntry, Result, Store, StoreError, UserRecord};
use fettle_model::access::{Role, Scope};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{TokenId, UserId};
use jiff::Timestamp;

/// An API token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Id.
    pub id: TokenId,
    /// Who made it, and whom it acts as.
    pub user: UserId,
    /// What it is for.
    pub title: String,
    /// SHA-256 of the token.
    pub token_hash: Sha256Digest,
    /// Role it acts with at most.
    pub role: Role,
    /// What it sees at most.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this time on it is worth nothing; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Adds a token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_token(&self, token: &TokenRecord, audit: &AuditEntry) -> Result<()> {
        let _ = (token, audit);
        Err(StoreError::Closed)
    }

    /// Tokens, of one person or of all, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens(&self, of: Option<UserId>) -> Result<Vec<TokenRecord>> {
        let _ = of;
        Err(StoreError::Closed)
    }

    /// One token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token(&self, id: TokenId) -> Result<Option<TokenRecord>> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// The token with this hash and its person, unless it has expired or the person is disabled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_by_hash(&self, token_hash: Sha256Digest, now: Timestamp) -> Result<Option<(TokenRecord, UserRecord)>> {
        let _ = (token_hash, now);
        Err(StoreError::Closed)
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<()> {
        let _ = (id, now);
        Err(StoreError::Closed)
    }

    /// Removes a token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_token(&self, id: TokenId, audit: &AuditEntry) -> Result<()> {
        let _ = (id, audit);
        Err(StoreError::Closed)
    }
}
