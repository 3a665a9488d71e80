//! Activation keys: what an installer carries to enrol. Only the hash of a secret is kept.

use crate::audit::append;
use crate::engine::{Tx, Values};
use crate::error::Attempt;
use crate::row::{Get, json, maybe_micros, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{KeyId, TagId, UserId};
use jiff::Timestamp;
use sqlx::any::AnyRow;
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
        let mut values = Values::default();
        let places = [
            values.text(key.id.to_string()),
            values.text(&key.title),
            values.blob(key.secret_hash.0.to_vec()),
            values.text(key.created_by.to_string()),
            values.int(micros(key.created_at)),
            values.int(maybe_micros(key.expires_at)),
            values.int(key.use_limit.map(i64::from)),
            values.int(i64::from(key.uses)),
            values.text(json("tags", &key.tags)?),
            values.int(i64::from(key.disabled)),
        ]
        .join(", ");
        let sql = format!(
            "INSERT INTO activation_keys (id, title, secret_hash, created_by, created_at, expires_at, use_limit, uses, tags, disabled)
             VALUES ({places})"
        );
        let mut tx = self.begin().await?;
        crate::tags::can_be_given(&mut tx, &key.tags).await?;
        tx.run("add an activation key", sql, values).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activation_keys(&self) -> Result<Vec<ActivationKeyRecord>> {
        let rows = sqlx::query("SELECT * FROM activation_keys ORDER BY created_at, id").fetch_all(self.read()).await;
        rows.attempt("read activation keys")?.iter().map(read).collect()
    }

    /// One key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activation_key(&self, id: KeyId) -> Result<Option<ActivationKeyRecord>> {
        let row = sqlx::query("SELECT * FROM activation_keys WHERE id = $1").bind(id.to_string()).fetch_optional(self.read()).await;
        row.attempt("read an activation key")?.as_ref().map(read).transpose()
    }

    /// Changes a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn update_activation_key(&self, id: KeyId, change: &ActivationKeyChange, audit: &AuditEntry) -> Result<ActivationKeyRecord> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "UPDATE activation_keys SET title = COALESCE($1, title), disabled = COALESCE($2, disabled) WHERE id = $3 RETURNING *",
        )
        .bind(change.title.as_deref())
        .bind(change.disabled.map(i64::from))
        .bind(id.to_string())
        .fetch_optional(tx.conn())
        .await
        .attempt("change an activation key")?;
        let key = row.as_ref().map(read).transpose()?.ok_or(NOT_FOUND)?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Removes a key. Machines that enrolled with it stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_activation_key(&self, id: KeyId, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM activation_keys WHERE id = $1").bind(id.to_string()).execute(tx.conn()).await;
        if done.attempt("remove an activation key")?.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        append(&mut tx, audit).await?;
        tx.commit().await
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "activation key" };

pub(crate) fn read(row: &AnyRow) -> Result<ActivationKeyRecord> {
    Ok(ActivationKeyRecord {
        id: row.parsed("id")?,
        title: row.text("title")?,
        secret_hash: row.digest("secret_hash")?,
        created_by: row.parsed("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.maybe_time("expires_at")?,
        use_limit: row.maybe_int("use_limit")?.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
        uses: row.unsigned("uses")?,
        tags: row.json("tags")?,
        disabled: row.flag("disabled")?,
    })
}

/// Takes a tag out of every key.
pub(crate) async fn drop_tag(tx: &mut Tx, tag: TagId) -> Result<()> {
    let sql = format!("SELECT * FROM activation_keys WHERE tags LIKE $1 ORDER BY id{}", tx.for_update());
    let mut values = Values::default();
    values.text(format!("%{tag}%"));
    for row in tx.rows("read activation keys", sql, values).await? {
        let mut key = read(&row)?;
        key.tags.remove(&tag);
        sqlx::query("UPDATE activation_keys SET tags = $1 WHERE id = $2")
            .bind(json("tags", &key.tags)?)
            .bind(key.id.to_string())
            .execute(tx.conn())
            .await
            .attempt("take a tag from an activation key")?;
    }
    Ok(())
}
