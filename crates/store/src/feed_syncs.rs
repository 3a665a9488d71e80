//! How recent synchronisations of feeds went, and which patches they changed.

use crate::engine::Tx;
use crate::error::Attempt;
use crate::row::{Get, json, micros};
use crate::{ImportReport, Result, Store};
use fettle_model::ids::{FeedId, PatchId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// Rows kept of each feed: a month of a feed that changes daily. Attempts that went like the one before share a row.
pub const MAX_FEED_SYNCS: i64 = 30;

/// Most patches that one synchronisation names of each sort. More change when a feed is new or is made anew, and then the
/// feed's own patches are the list to look at.
pub const MAX_NAMED_PATCHES: usize = 1_000;

/// One synchronisation, or several in a row that went alike and changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSync {
    /// Counts a feed's synchronisations, from 1.
    pub no: u32,
    /// When the first of them ended.
    pub first_at: Timestamp,
    /// When the last of them ended.
    pub last_at: Timestamp,
    /// How many they are.
    pub times: u32,
    /// How they went.
    pub outcome: SyncOutcome,
}

/// How a synchronisation went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncOutcome {
    /// Why it failed; `None` after a success.
    pub error: Option<String>,
    /// What it was in doubt about.
    pub warnings: Vec<String>,
    /// Patches, or vulnerabilities, that it added.
    pub added: u32,
    /// Patches, or vulnerabilities, that it changed.
    pub changed: u32,
    /// Patches, or vulnerabilities, that it withdrew.
    pub withdrawn: u32,
}

/// Patches that a synchronisation changed, by id; the first [`MAX_NAMED_PATCHES`] of each sort. None of a feed that speaks of
/// vulnerabilities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedPatches {
    /// Those that were not there before, or were withdrawn.
    pub added: Vec<PatchId>,
    /// Those whose record changed.
    pub changed: Vec<PatchId>,
    /// Those that the feed no longer carries.
    pub withdrawn: Vec<PatchId>,
}

impl Store {
    /// A feed's recent synchronisations, newest first; none of a feed that is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed_syncs(&self, feed: FeedId) -> Result<Vec<FeedSync>> {
        let rows = sqlx::query("SELECT feed_id, no, first_at, last_at, times, outcome FROM feed_syncs WHERE feed_id = $1 ORDER BY no DESC")
            .bind(feed.to_string())
            .fetch_all(self.read())
            .await
            .attempt("read the synchronisations of a feed")?;
        rows.iter().map(read).collect()
    }

    /// One synchronisation and the patches it changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed_sync(&self, feed: FeedId, no: u32) -> Result<Option<(FeedSync, SyncedPatches)>> {
        let row = sqlx::query("SELECT * FROM feed_syncs WHERE feed_id = $1 AND no = $2")
            .bind(feed.to_string())
            .bind(i64::from(no))
            .fetch_optional(self.read())
            .await
            .attempt("read a synchronisation of a feed")?;
        row.as_ref().map(|row| Ok((read(row)?, row.json("named")?))).transpose()
    }
}

impl SyncOutcome {
    fn changed_nothing(&self) -> bool {
        self.added == 0 && self.changed == 0 && self.withdrawn == 0
    }
}

impl From<&ImportReport> for SyncedPatches {
    fn from(report: &ImportReport) -> Self {
        let first = |ids: &[PatchId]| ids.iter().take(MAX_NAMED_PATCHES).cloned().collect();
        Self { added: first(&report.added), changed: first(&report.changed), withdrawn: first(&report.withdrawn) }
    }
}

fn read(row: &AnyRow) -> Result<FeedSync> {
    Ok(FeedSync {
        no: row.unsigned("no")?,
        first_at: row.time("first_at")?,
        last_at: row.time("last_at")?,
        times: row.unsigned("times")?,
        outcome: row.json("outcome")?,
    })
}

/// Notes how a synchronisation went. Wants the feed's row locked, so that numbers follow each other.
pub(crate) async fn note(tx: &mut Tx, feed: FeedId, now: Timestamp, outcome: &SyncOutcome, patches: &SyncedPatches) -> Result<()> {
    let last = sqlx::query("SELECT * FROM feed_syncs WHERE feed_id = $1 ORDER BY no DESC LIMIT 1")
        .bind(feed.to_string())
        .fetch_optional(tx.conn())
        .await
        .attempt("read the last synchronisation of a feed")?;
    let last = last.as_ref().map(read).transpose()?;
    match last {
        Some(last) if outcome.changed_nothing() && last.outcome == *outcome => again(tx, feed, now, &last).await,
        last => {
            let no = last.map_or(1, |last| i64::from(last.no) + 1);
            add(tx, feed, no, now, outcome, patches).await?;
            forget(tx, feed, no - MAX_FEED_SYNCS).await
        }
    }
}

/// Forgets the synchronisations of a feed up to a number.
pub(crate) async fn forget(tx: &mut Tx, feed: FeedId, no: i64) -> Result<()> {
    sqlx::query("DELETE FROM feed_syncs WHERE feed_id = $1 AND no <= $2")
        .bind(feed.to_string())
        .bind(no)
        .execute(tx.conn())
        .await
        .attempt("forget synchronisations of a feed")?;
    Ok(())
}

async fn again(tx: &mut Tx, feed: FeedId, now: Timestamp, last: &FeedSync) -> Result<()> {
    sqlx::query("UPDATE feed_syncs SET last_at = $1, times = $2 WHERE feed_id = $3 AND no = $4")
        .bind(micros(now))
        .bind(i64::from(last.times) + 1)
        .bind(feed.to_string())
        .bind(i64::from(last.no))
        .execute(tx.conn())
        .await
        .attempt("note a synchronisation of a feed")?;
    Ok(())
}

async fn add(tx: &mut Tx, feed: FeedId, no: i64, now: Timestamp, outcome: &SyncOutcome, patches: &SyncedPatches) -> Result<()> {
    sqlx::query("INSERT INTO feed_syncs (feed_id, no, first_at, last_at, times, outcome, named) VALUES ($1, $2, $3, $4, 1, $5, $6)")
        .bind(feed.to_string())
        .bind(no)
        .bind(micros(now))
        .bind(micros(now))
        .bind(json("synchronisation", outcome)?)
        .bind(json("synchronisation", patches)?)
        .execute(tx.conn())
        .await
        .attempt("note a synchronisation of a feed")?;
    Ok(())
}
