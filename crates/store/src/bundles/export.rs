//! What a bundle is made of, and what is remembered of those that were made.

use super::ExportName;
use crate::audit::append;
use crate::engine::Lock;
use crate::error::Attempt;
use crate::row::{Get, micros};
use crate::{AuditEntry, FeedRecord, Result, Store, StoreError};
use fettle_model::ids::{FeedId, PatchNo};
use fettle_model::patch::Patch;
use fettle_model::vulnerability::VulnerabilityFacts;
use jiff::Timestamp;
use sqlx::{Any, Transaction};

/// Exports that later ones can be made the difference to: as many as somebody makes who carries one over every week, until
/// the oldest expires by itself after ninety days. Each takes up to some megabytes.
pub const KEPT_EXPORTS: u32 = 14;

/// Records read at a time.
const PAGE: i64 = 1_000;
const SEQUENCE: &str = "catalog_export";

/// What is remembered of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRecord {
    /// Which.
    pub name: ExportName,
    /// What it held, as who wrote it understands it.
    pub held: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Reads the whole catalog at one moment, piece by piece.
#[derive(Debug)]
pub struct CatalogReader {
    tx: Transaction<'static, Any>,
}

impl Store {
    /// Takes the number of the next export. A number that is not used is lost, which does no harm.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_export(&self) -> Result<u64> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let row = sqlx::query("SELECT value FROM meta WHERE key = $1").bind(SEQUENCE).fetch_optional(tx.conn()).await;
        let last: u64 = row.attempt("number an export")?.map_or(Ok(0), |row| row.parsed("value"))?;
        sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(SEQUENCE)
            .bind((last + 1).to_string())
            .execute(tx.conn())
            .await
            .attempt("number an export")?;
        tx.commit().await?;
        Ok(last + 1)
    }

    /// Opens the catalog for reading; it stays as it is now until the reader is dropped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_catalog(&self) -> Result<CatalogReader> {
        Ok(CatalogReader { tx: self.inner.database.snapshot().await? })
    }

    /// Remembers an export, and forgets those that are too many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_export(&self, export: &ExportRecord, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        let sequence = i64::try_from(export.name.sequence).map_err(|source| StoreError::encode("number of an export", source))?;
        sqlx::query("INSERT INTO catalog_exports (sequence, manifest, held, created_at) VALUES ($1, $2, $3, $4)")
            .bind(sequence)
            .bind(export.name.manifest.0.to_vec())
            .bind(export.held.clone())
            .bind(micros(export.created_at))
            .execute(tx.conn())
            .await
            .attempt("remember an export")?;
        sqlx::query(
            "DELETE FROM catalog_exports WHERE sequence NOT IN (SELECT sequence FROM catalog_exports ORDER BY sequence DESC LIMIT $1)",
        )
        .bind(i64::from(KEPT_EXPORTS))
        .execute(tx.conn())
        .await
        .attempt("forget old exports")?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// A remembered export.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn export(&self, sequence: u64) -> Result<Option<ExportRecord>> {
        let Ok(sequence) = i64::try_from(sequence) else { return Ok(None) };
        let row = sqlx::query("SELECT * FROM catalog_exports WHERE sequence = $1").bind(sequence).fetch_optional(self.read()).await;
        let row = row.attempt("read an export")?;
        let read = |row: &sqlx::any::AnyRow| {
            let name = ExportName { sequence: row.unsigned("sequence")?, manifest: row.digest("manifest")? };
            Ok(ExportRecord { name, held: row.blob("held")?, created_at: row.time("created_at")? })
        };
        row.as_ref().map(read).transpose()
    }

    /// Number and time of each remembered export, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exports(&self) -> Result<Vec<(u64, Timestamp)>> {
        let rows = sqlx::query("SELECT sequence, created_at FROM catalog_exports ORDER BY sequence DESC").fetch_all(self.read()).await;
        let rows = rows.attempt("read the exports")?;
        rows.iter().map(|row| Ok((row.unsigned("sequence")?, row.time("created_at")?))).collect()
    }
}

impl CatalogReader {
    /// Every feed, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feeds(&mut self) -> Result<Vec<FeedRecord>> {
        let rows = sqlx::query("SELECT * FROM feeds ORDER BY id").fetch_all(&mut *self.tx).await.attempt("read feeds")?;
        rows.iter().map(crate::feeds::read).collect()
    }

    /// The next patches of a feed, by number; none at the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn patches(&mut self, feed: FeedId, after: Option<PatchNo>) -> Result<Vec<(PatchNo, Patch)>> {
        let rows = sqlx::query("SELECT no, record FROM patches WHERE feed_id = $1 AND withdrawn = 0 AND no > $2 ORDER BY no LIMIT $3")
            .bind(feed.to_string())
            .bind(after.map_or(-1, |no| i64::from(no.0)))
            .bind(PAGE)
            .fetch_all(&mut *self.tx)
            .await
            .attempt("read the patches of a feed")?;
        rows.iter().map(|row| Ok((PatchNo(row.unsigned("no")?), row.json("record")?))).collect()
    }

    /// What a feed says of the next vulnerabilities, by their ids; nothing at the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts(&mut self, feed: FeedId, after: &str) -> Result<Vec<VulnerabilityFacts>> {
        let rows = sqlx::query("SELECT * FROM vulnerability_facts WHERE feed_id = $1 AND cve > $2 ORDER BY cve LIMIT $3")
            .bind(feed.to_string())
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut *self.tx)
            .await
            .attempt("read what a feed says of vulnerabilities")?;
        rows.iter().map(crate::vulnerabilities::read).collect()
    }
}
