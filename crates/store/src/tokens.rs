//! API tokens. Only the hash of a token is kept.

use crate::audit::append;
use crate::engine::Values;
use crate::error::Attempt;
use crate::row::{Get, json, maybe_micros, micros};
use crate::{AuditEntry, Result, Store, StoreError, UserRecord};
use fettle_model::access::{Role, Scope};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{TokenId, UserId};
use jiff::Timestamp;
use sqlx::any::AnyRow;

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
        let mut values = Values::default();
        let places = [
            values.text(token.id.to_string()),
            values.text(token.user.to_string()),
            values.text(&token.title),
            values.blob(token.token_hash.0.to_vec()),
            values.text(token.role.as_str()),
            values.text(json("scope", &token.scope)?),
            values.int(micros(token.created_at)),
            values.int(maybe_micros(token.expires_at)),
            values.int(maybe_micros(token.last_used_at)),
        ]
        .join(", ");
        let sql = format!(
            "INSERT INTO tokens (id, user_id, title, token_hash, role, scope, created_at, expires_at, last_used_at) VALUES ({places})"
        );
        let mut tx = self.begin().await?;
        tx.run("add a token", sql, values).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Tokens, of one person or of all, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens(&self, of: Option<UserId>) -> Result<Vec<TokenRecord>> {
        let all = sqlx::query("SELECT * FROM tokens WHERE $1 = '' OR user_id = $1 ORDER BY id")
            .bind(of.map_or_else(String::new, |user| user.to_string()))
            .fetch_all(self.read())
            .await
            .attempt("read tokens")?;
        all.iter().map(read).collect()
    }

    /// One token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token(&self, id: TokenId) -> Result<Option<TokenRecord>> {
        let row = sqlx::query("SELECT * FROM tokens WHERE id = $1").bind(id.to_string()).fetch_optional(self.read()).await;
        row.attempt("read a token")?.as_ref().map(read).transpose()
    }

    /// The token with this hash and its person, unless it has expired or the person is disabled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_by_hash(&self, token_hash: Sha256Digest, now: Timestamp) -> Result<Option<(TokenRecord, UserRecord)>> {
        let row = sqlx::query("SELECT * FROM tokens WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > $2)")
            .bind(token_hash.0.to_vec())
            .bind(micros(now))
            .fetch_optional(self.read())
            .await
            .attempt("read a token")?;
        let Some(token) = row.as_ref().map(read).transpose()? else { return Ok(None) };
        let user = self.user(token.user).await?.filter(|user| !user.disabled);
        Ok(user.map(|user| (token, user)))
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE tokens SET last_used_at = $1 WHERE id = $2")
            .bind(micros(now))
            .bind(id.to_string())
            .execute(tx.conn())
            .await
            .attempt("note the use of a token")?;
        tx.commit().await
    }

    /// Removes a token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_token(&self, id: TokenId, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        let done =
            sqlx::query("DELETE FROM tokens WHERE id = $1").bind(id.to_string()).execute(tx.conn()).await.attempt("remove a token")?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "token" });
        }
        append(&mut tx, audit).await?;
        tx.commit().await
    }
}

fn read(row: &AnyRow) -> Result<TokenRecord> {
    Ok(TokenRecord {
        id: row.parsed("id")?,
        user: row.parsed("user_id")?,
        title: row.text("title")?,
        token_hash: row.digest("token_hash")?,
        role: row.parsed("role")?,
        scope: row.json("scope")?,
        created_at: row.time("created_at")?,
        expires_at: row.maybe_time("expires_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
    })
}
