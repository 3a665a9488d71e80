//! Feeds that came with bundles.

use crate::engine::Tx;
use crate::error::Attempt;
use crate::row::Get;
use crate::{FeedRecord, Result};
use fettle_model::ids::{CatalogSourceId, FeedId};
use std::collections::BTreeMap;

/// What has changed in the catalog, for its generations.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Changed {
    pub(super) patches: bool,
    pub(super) facts: bool,
}

impl Changed {
    pub(super) fn merge(&mut self, other: Self) {
        self.patches |= other.patches;
        self.facts |= other.facts;
    }

    /// Raises the generations of what changed. Gives the catalog's.
    pub(super) async fn note(self, tx: &mut Tx) -> Result<u64> {
        crate::vulnerabilities::generation(tx, self.facts).await?;
        crate::patches::generation(tx, self.patches).await
    }
}

/// Whether a feed came with bundles.
pub(crate) async fn is_bundled(tx: &mut Tx, feed: FeedId) -> Result<bool> {
    let row = sqlx::query("SELECT 1 AS one FROM catalog_source_feeds WHERE feed_id = $1").bind(feed.to_string());
    Ok(row.fetch_optional(tx.conn()).await.attempt("look whether a feed came with a bundle")?.is_some())
}

/// The feeds of a source, by their ids on the exporting server.
pub(super) async fn of(tx: &mut Tx, source: CatalogSourceId) -> Result<BTreeMap<FeedId, FeedId>> {
    let rows = sqlx::query("SELECT feed_id, origin FROM catalog_source_feeds WHERE source_id = $1")
        .bind(source.to_string())
        .fetch_all(tx.conn())
        .await
        .attempt("read the feeds of a source")?;
    rows.iter().map(|row| Ok((row.parsed("origin")?, row.parsed("feed_id")?))).collect()
}

/// Adds a feed of a source.
pub(super) async fn add(tx: &mut Tx, source: CatalogSourceId, origin: FeedId, feed: &FeedRecord) -> Result<()> {
    crate::feeds::insert(tx, feed).await?;
    sqlx::query("INSERT INTO catalog_source_feeds (feed_id, source_id, origin) VALUES ($1, $2, $3)")
        .bind(feed.id.to_string())
        .bind(source.to_string())
        .bind(origin.to_string())
        .execute(tx.conn())
        .await
        .attempt("add a feed of a source")?;
    Ok(())
}

/// Removes a feed with all that it carries.
pub(super) async fn remove(tx: &mut Tx, feed: FeedId) -> Result<Changed> {
    for sql in ["DELETE FROM feeds WHERE id = $1", "DELETE FROM catalog_source_feeds WHERE feed_id = $1"] {
        sqlx::query(sql).bind(feed.to_string()).execute(tx.conn()).await.attempt("remove a feed of a source")?;
    }
    crate::feed_syncs::forget(tx, feed, i64::MAX).await?;
    let patches = crate::patches::withdraw_all(tx, feed).await? > 0;
    Ok(Changed { patches, facts: crate::vulnerabilities::forget(tx, feed).await? })
}
