//! Catalogs that come and go as bundles: whose bundles are believed, what came with them, and what was exported.
//!
//! A source is a server whose key an administrator trusts. Feeds that its bundles bring are rows of the feeds' table like
//! others; `catalog_source_feeds` says whose they are, and only imports change them.

mod export;
mod feeds;
mod import;

pub use export::{CatalogReader, ExportRecord, KEPT_EXPORTS};
pub(crate) use feeds::is_bundled;
pub use import::{BundleFeed, BundleImport, BundlePiece, BundleReport, FeedReport};

use crate::audit::append;
use crate::engine::{Lock, Tx};
use crate::error::Attempt;
use crate::row::{Get, json, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::CatalogSourceId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// Most sources: each bundle is tried against the key of every one.
pub const MAX_SOURCES: i64 = 64;

/// An export, by its number and the digest of its manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportName {
    /// Number; grows with every export of one server.
    pub sequence: u64,
    /// SHA-256 of the manifest.
    pub manifest: Sha256Digest,
}

/// A server whose bundles are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogSource {
    /// Id.
    pub id: CatalogSourceId,
    /// Name for people; unique.
    pub name: String,
    /// Its public key as text; unique.
    pub key: String,
    /// What was imported last; `None` before the first import.
    pub imported: Option<SourceImport>,
    /// When it was trusted.
    pub created_at: Timestamp,
}

/// The bundle that was imported last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceImport {
    /// Which.
    pub export: ExportName,
    /// The exporting server's own name.
    pub exporter: String,
    /// When it was exported.
    pub exported_at: Timestamp,
    /// When it was imported.
    pub at: Timestamp,
}

impl Store {
    /// Every source, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalog_sources(&self) -> Result<Vec<CatalogSource>> {
        let rows = sqlx::query("SELECT * FROM catalog_sources ORDER BY name_key").fetch_all(self.read()).await;
        rows.attempt("read the sources of bundles")?.iter().map(read).collect()
    }

    /// Trusts a source.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `name-taken`, `key-taken`, `too-many-sources`.
    pub async fn create_catalog_source(&self, source: &CatalogSource, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let there = all(&mut tx).await?;
        if there.len() as i64 >= MAX_SOURCES {
            let why = format!("There are {MAX_SOURCES} sources of bundles already, which is the most; untrust those that nobody needs.");
            return Err(StoreError::conflict("too-many-sources", why));
        }
        if let Some(other) = there.iter().find(|other| other.key == source.key) {
            let why = format!("This key is trusted already, as {:?}.", other.name);
            return Err(StoreError::conflict("key-taken", why));
        }
        if there.iter().any(|other| other.name.to_lowercase() == source.name.to_lowercase()) {
            let why = format!("There is already a source named {:?}; choose another name.", source.name);
            return Err(StoreError::conflict("name-taken", why));
        }
        sqlx::query("INSERT INTO catalog_sources (id, name, name_key, public_key, imported, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(source.id.to_string())
            .bind(&source.name)
            .bind(source.name.to_lowercase())
            .bind(&source.key)
            .bind(source.imported.as_ref().map(|imported| json("import", imported)).transpose()?)
            .bind(micros(source.created_at))
            .execute(tx.conn())
            .await
            .attempt("trust a source of bundles")?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Trusts a source no more: removes its feeds, withdraws their patches and forgets what they say of vulnerabilities.
    /// Gives how many feeds it had.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_catalog_source(&self, id: CatalogSourceId, audit: &AuditEntry) -> Result<usize> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let done = sqlx::query("DELETE FROM catalog_sources WHERE id = $1").bind(id.to_string()).execute(tx.conn()).await;
        if done.attempt("remove a source of bundles")?.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        let feeds = feeds::of(&mut tx, id).await?;
        let mut changed = feeds::Changed::default();
        for feed in feeds.values() {
            changed.merge(feeds::remove(&mut tx, *feed).await?);
        }
        changed.note(&mut tx).await?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(feeds.len())
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "source of bundles" };

fn read(row: &AnyRow) -> Result<CatalogSource> {
    Ok(CatalogSource {
        id: row.parsed("id")?,
        name: row.text("name")?,
        key: row.text("public_key")?,
        imported: row.maybe_json("imported")?,
        created_at: row.time("created_at")?,
    })
}

async fn all(tx: &mut Tx) -> Result<Vec<CatalogSource>> {
    let rows = sqlx::query("SELECT * FROM catalog_sources ORDER BY id").fetch_all(tx.conn()).await;
    rows.attempt("read the sources of bundles")?.iter().map(read).collect()
}

/// One source, which nobody else changes until the transaction ends.
async fn lock_source(tx: &mut Tx, id: CatalogSourceId) -> Result<Option<CatalogSource>> {
    let sql = format!("SELECT * FROM catalog_sources WHERE id = $1{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string()).fetch_optional(tx.conn()).await;
    row.attempt("read a source of bundles")?.as_ref().map(read).transpose()
}

async fn note_import(tx: &mut Tx, id: CatalogSourceId, imported: &SourceImport) -> Result<()> {
    sqlx::query("UPDATE catalog_sources SET imported = $1 WHERE id = $2")
        .bind(json("import", imported)?)
        .bind(id.to_string())
        .execute(tx.conn())
        .await
        .attempt("note an import")?;
    Ok(())
}
