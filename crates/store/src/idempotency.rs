//! Idempotency keys: a creation that is sent twice happens once.

use crate::error::Attempt;
use crate::meta::IDEMPOTENCY_AGE;
use crate::row::{Get, json, micros};
use crate::{Result, Store};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use jiff::{SignedDuration, Timestamp};

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
        let mut tx = self.begin().await?;
        let begun = sqlx::query(
            "INSERT INTO idempotency_keys (user_id, key, request, begun_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, key) DO UPDATE SET request = excluded.request, begun_at = excluded.begun_at, status = NULL, headers = NULL, body = NULL
             WHERE idempotency_keys.begun_at < $5 OR (idempotency_keys.status IS NULL AND idempotency_keys.begun_at < $6)",
        )
        .bind(user.to_string())
        .bind(key)
        .bind(request.0.to_vec())
        .bind(micros(now))
        .bind(now.checked_sub(IDEMPOTENCY_AGE).map_or(0, micros))
        .bind(now.checked_sub(UNFINISHED_AGE).map_or(0, micros))
        .execute(tx.conn())
        .await
        .attempt("begin under an idempotency key")?;
        if begun.rows_affected() > 0 {
            tx.commit().await?;
            return Ok(Begun::New);
        }
        let row = sqlx::query("SELECT request, status, headers, body FROM idempotency_keys WHERE user_id = $1 AND key = $2")
            .bind(user.to_string())
            .bind(key)
            .fetch_one(tx.conn())
            .await
            .attempt("read an idempotency key")?;
        if row.digest("request")? != request {
            return Ok(Begun::Conflict);
        }
        let Some(status) = row.maybe_int("status")? else { return Ok(Begun::InProgress) };
        Ok(Begun::Replay(StoredAnswer {
            status: u16::try_from(status).unwrap_or(500),
            headers: row.json("headers")?,
            body: row.blob("body")?,
        }))
    }

    /// Keeps the answer for repetitions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_idempotent(&self, user: UserId, key: &str, answer: &StoredAnswer) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE idempotency_keys SET status = $1, headers = $2, body = $3 WHERE user_id = $4 AND key = $5")
            .bind(i64::from(answer.status))
            .bind(json("answer", &answer.headers)?)
            .bind(answer.body.clone())
            .bind(user.to_string())
            .bind(key)
            .execute(tx.conn())
            .await
            .attempt("keep an answer")?;
        tx.commit().await
    }

    /// Forgets the key, because the request changed nothing and may be tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn abandon_idempotent(&self, user: UserId, key: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND status IS NULL")
            .bind(user.to_string())
            .bind(key)
            .execute(tx.conn())
            .await
            .attempt("forget an idempotency key")?;
        tx.commit().await
    }
}

/// After this time a request that never finished was cut off by a crash, and its key may be used again.
const UNFINISHED_AGE: SignedDuration = SignedDuration::from_mins(5);
