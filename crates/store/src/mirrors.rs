//! Mirrors: other places to fetch installers from.

use crate::audit::append;
use crate::engine::{Lock, Tx};
use crate::error::Attempt;
use crate::row::{Get, json, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::ids::MirrorId;
use fettle_model::mirror::{MirrorRule, Mirrors};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// Most mirrors: beginnings of addresses are few, and an installer with a place of its own is an exception.
pub const MAX_MIRRORS: usize = 1_000;

/// A mirror with the name it goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorRecord {
    /// Id.
    pub id: MirrorId,
    /// Name for people; unique.
    pub name: String,
    /// What it replaces, and by what; checked.
    pub rule: MirrorRule,
    /// Whether it may be reached without TLS. Digests are checked all the same.
    pub plain_http: bool,
    /// Whether it is in force.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What the table keeps as JSON.
#[derive(Serialize, Deserialize)]
struct Kept {
    rule: MirrorRule,
    plain_http: bool,
}

impl Store {
    /// Every mirror, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mirrors(&self) -> Result<Vec<MirrorRecord>> {
        let rows = sqlx::query("SELECT * FROM mirrors ORDER BY name_key").fetch_all(self.read()).await.attempt("read mirrors")?;
        rows.iter().map(read).collect()
    }

    /// The mirrors that are in force.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mirrors_in_force(&self) -> Result<Mirrors> {
        let all = self.mirrors().await?;
        Ok(Mirrors::new(all.iter().filter(|mirror| mirror.enabled).map(|mirror| &mirror.rule)))
    }

    /// One mirror.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mirror(&self, id: MirrorId) -> Result<Option<MirrorRecord>> {
        let row = sqlx::query("SELECT * FROM mirrors WHERE id = $1").bind(id.to_string()).fetch_optional(self.read()).await;
        row.attempt("read a mirror")?.as_ref().map(read).transpose()
    }

    /// Adds a mirror.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `name-taken`, `mirror-overlaps`, `too-many-mirrors`.
    pub async fn create_mirror(&self, mirror: &MirrorRecord, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Mirrors, "").await?;
        let others = others(&mut tx, mirror).await?;
        if others >= MAX_MIRRORS {
            let why = format!("There are {others} mirrors already, which is the most; replace several by one for a whole folder.");
            return Err(StoreError::conflict("too-many-mirrors", why));
        }
        sqlx::query("INSERT INTO mirrors (id, name, name_key, record, enabled, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(mirror.id.to_string())
            .bind(&mirror.name)
            .bind(mirror.name.to_lowercase())
            .bind(kept(mirror)?)
            .bind(i64::from(mirror.enabled))
            .bind(micros(mirror.created_at))
            .execute(tx.conn())
            .await
            .attempt("add a mirror")?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Writes a mirror anew.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `name-taken`, `mirror-overlaps`.
    pub async fn update_mirror(&self, mirror: &MirrorRecord, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Mirrors, "").await?;
        others(&mut tx, mirror).await?;
        let done = sqlx::query("UPDATE mirrors SET name = $1, name_key = $2, record = $3, enabled = $4 WHERE id = $5")
            .bind(&mirror.name)
            .bind(mirror.name.to_lowercase())
            .bind(kept(mirror)?)
            .bind(i64::from(mirror.enabled))
            .bind(mirror.id.to_string())
            .execute(tx.conn())
            .await
            .attempt("change a mirror")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Removes a mirror.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_mirror(&self, id: MirrorId, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM mirrors WHERE id = $1").bind(id.to_string()).execute(tx.conn()).await;
        if done.attempt("remove a mirror")?.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        append(&mut tx, audit).await?;
        tx.commit().await
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "mirror" };

fn read(row: &AnyRow) -> Result<MirrorRecord> {
    let Kept { rule, plain_http } = row.json("record")?;
    Ok(MirrorRecord {
        id: row.parsed("id")?,
        name: row.text("name")?,
        rule,
        plain_http,
        enabled: row.flag("enabled")?,
        created_at: row.time("created_at")?,
    })
}

fn kept(mirror: &MirrorRecord) -> Result<String> {
    json("mirror", &Kept { rule: mirror.rule.clone(), plain_http: mirror.plain_http })
}

/// How many other mirrors there are, unless one has the same name or clashes. Those that are switched off count, so that
/// switching one on never makes two that clash.
async fn others(tx: &mut Tx, mirror: &MirrorRecord) -> Result<usize> {
    let rows = sqlx::query("SELECT * FROM mirrors WHERE id <> $1").bind(mirror.id.to_string()).fetch_all(tx.conn()).await;
    let others: Vec<MirrorRecord> = rows.attempt("read mirrors")?.iter().map(read).collect::<Result<_>>()?;
    for other in &others {
        if other.name.to_lowercase() == mirror.name.to_lowercase() {
            let why = format!("There is already a mirror named {:?}; choose another name.", other.name);
            return Err(StoreError::conflict("name-taken", why));
        }
        if let Some(clash) = mirror.rule.clash(&other.rule) {
            let why = format!("The mirror {:?} {clash}; change or remove it first.", other.name);
            return Err(StoreError::conflict("mirror-overlaps", why));
        }
    }
    Ok(others.len())
}
