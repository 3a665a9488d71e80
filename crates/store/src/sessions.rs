//! Log-in sessions. Only the hash of a session's token is kept.

use crate::error::Attempt;
use crate::row::{Get, micros};
use crate::{Result, Store, UserRecord};
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
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO sessions (token_hash, user_id, csrf_token, origin, created_at, last_seen_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(session.token_hash.0.to_vec())
        .bind(session.user.to_string())
        .bind(&session.csrf_token)
        .bind(&session.from)
        .bind(micros(session.created_at))
        .bind(micros(session.last_seen_at))
        .bind(micros(session.expires_at))
        .execute(tx.conn())
        .await
        .attempt("begin a session")?;
        tx.commit().await
    }

    /// The session of a token and its person, unless it has expired or the person is disabled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, token_hash: Sha256Digest, now: Timestamp) -> Result<Option<(SessionRecord, UserRecord)>> {
        let row = sqlx::query(
            "SELECT s.token_hash, s.csrf_token, s.origin, s.created_at AS session_created_at, s.last_seen_at, s.expires_at, u.*
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled = 0",
        )
        .bind(token_hash.0.to_vec())
        .bind(micros(now))
        .fetch_optional(self.read())
        .await
        .attempt("read a session")?;
        let Some(row) = row else { return Ok(None) };
        let user = crate::users::read(&row)?;
        let session = SessionRecord {
            token_hash: row.digest("token_hash")?,
            user: user.id,
            csrf_token: row.text("csrf_token")?,
            from: row.text("origin")?,
            created_at: row.time("session_created_at")?,
            last_seen_at: row.time("last_seen_at")?,
            expires_at: row.time("expires_at")?,
        };
        Ok(Some((session, user)))
    }

    /// Notes that a session was used and moves its end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_session(&self, token_hash: Sha256Digest, now: Timestamp, expires_at: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE sessions SET last_seen_at = $1, expires_at = $2 WHERE token_hash = $3")
            .bind(micros(now))
            .bind(micros(expires_at))
            .bind(token_hash.0.to_vec())
            .execute(tx.conn())
            .await
            .attempt("note the use of a session")?;
        tx.commit().await
    }

    /// Ends a session; one that has ended already is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, token_hash: Sha256Digest) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(token_hash.0.to_vec())
            .execute(tx.conn())
            .await
            .attempt("end a session")?;
        tx.commit().await
    }
}
