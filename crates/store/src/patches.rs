//! The catalog's patches.

use crate::engine::{CHUNK, Lock, Tx, Values};
use crate::error::Attempt;
use crate::feed_syncs::{self, SyncedPatches};
use crate::row::{Get, json};
use crate::{FeedState, Result, Store, StoreError};
use fettle_model::ids::{FeedId, PatchId, PatchNo};
use fettle_model::patch::Patch;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, HashSet};

/// All patches that count, at one generation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogSnapshot {
    /// Grows with every change of the catalog; 0 before the first.
    pub generation: u64,
    /// Generation of the facts that the scores are made of; grows with every change of them, 0 before the first.
    pub facts: u64,
    /// Patches that are not withdrawn, by number. Beside what their feed says they have the scores that other feeds give
    /// their vulnerabilities.
    pub patches: Vec<(PatchNo, Patch)>,
}

/// A patch, withdrawn or not.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPatch {
    /// Its number.
    pub no: PatchNo,
    /// The record.
    pub patch: Patch,
    /// The feed it came from.
    pub feed: FeedId,
    /// No feed carries it any more.
    pub withdrawn: bool,
}

/// What goes with an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportNote {
    /// When.
    pub now: Timestamp,
    /// What the synchronisation was in doubt about.
    pub warnings: Vec<String>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The catalog's generation afterwards; unchanged when no patch changed.
    pub generation: u64,
    /// Patches that were not there before, or were withdrawn.
    pub added: Vec<PatchId>,
    /// Patches whose record changed.
    pub changed: Vec<PatchId>,
    /// Patches that the feed no longer carries.
    pub withdrawn: Vec<PatchId>,
    /// Patches left alone because another feed carries them.
    pub elsewhere: Vec<PatchId>,
    /// Patches the feed carries now.
    pub total: u32,
}

impl Store {
    /// The catalog.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalog(&self) -> Result<CatalogSnapshot> {
        let mut tx = self.inner.database.snapshot().await?;
        let row = sqlx::query(GENERATION).fetch_optional(&mut *tx).await.attempt("read the catalog's generation")?;
        let generation = row.as_ref().map_or(Ok(0), parse_generation)?;
        let rows = sqlx::query("SELECT no, record FROM patches WHERE withdrawn = 0 ORDER BY no").fetch_all(&mut *tx).await;
        let rows = rows.attempt("read the catalog")?;
        let numbers = rows.iter().map(|row| Ok(PatchNo(row.unsigned("no")?))).collect::<Result<Vec<_>>>()?;
        let mut patches = rows.iter().map(|row| row.json("record")).collect::<Result<Vec<Patch>>>()?;
        drop(rows);
        let facts = crate::vulnerabilities::score(&mut tx, &mut patches).await?;
        Ok(CatalogSnapshot { generation, facts, patches: numbers.into_iter().zip(patches).collect() })
    }

    /// The catalog's generation, without the catalog.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalog_generation(&self) -> Result<u64> {
        let row = sqlx::query(GENERATION).fetch_optional(self.read()).await.attempt("read the catalog's generation")?;
        row.as_ref().map_or(Ok(0), parse_generation)
    }

    /// Patches by id, withdrawn ones included; unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn patches_by_id(&self, ids: &[PatchId]) -> Result<Vec<StoredPatch>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut values = Values::default();
            let sql = format!("SELECT * FROM patches WHERE id IN ({}) ORDER BY no", values.texts(chunk));
            let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read patches")?;
            found.extend(rows.iter().map(read).collect::<Result<Vec<_>>>()?);
        }
        Ok(found)
    }

    /// Makes `patches` all that `feed` carries, whole or not at all: numbers new ones, withdraws those it no longer
    /// carries, and bumps the catalog's generation when anything changed. What the feed said of vulnerabilities while it
    /// was of another kind is forgotten. The feed's state is written with it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the feed was removed.
    pub async fn apply_import(&self, feed: FeedId, patches: &[Patch], note: &ImportNote) -> Result<ImportReport> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let mut record = crate::feeds::lock_feed(&mut tx, feed).await?.ok_or(StoreError::NotFound { what: "feed" })?;
        let forgotten = crate::vulnerabilities::forget(&mut tx, feed).await?;
        crate::vulnerabilities::generation(&mut tx, forgotten).await?;
        let plan = plan(&mut tx, feed, patches).await?;
        write(&mut tx, feed, &plan.writes).await?;
        withdraw(&mut tx, &plan.report.withdrawn).await?;
        let mut report = plan.report;
        let something = !(report.added.is_empty() && report.changed.is_empty() && report.withdrawn.is_empty());
        report.generation = generation(&mut tx, something).await?;
        let count = |list: &[PatchId]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let mut warnings = note.warnings.clone();
        if !report.elsewhere.is_empty() {
            warnings.push(format!("{} patches were left alone because another feed carries them", report.elsewhere.len()));
        }
        record.state = FeedState {
            last_attempt: Some(note.now),
            last_success: Some(note.now),
            error: None,
            warnings,
            added: count(&report.added),
            changed: count(&report.changed),
            withdrawn: count(&report.withdrawn),
            patches: report.total,
            facts: 0,
            requested: false,
        };
        crate::feeds::write(&mut tx, &record).await?;
        feed_syncs::note(&mut tx, feed, note.now, &record.state.outcome(), &SyncedPatches::from(&report)).await?;
        tx.commit().await?;
        Ok(report)
    }
}

const GENERATION: &str = "SELECT value FROM meta WHERE key = 'catalog_generation'";

fn parse_generation(row: &AnyRow) -> Result<u64> {
    row.parsed("value")
}

fn read(row: &AnyRow) -> Result<StoredPatch> {
    Ok(StoredPatch {
        no: PatchNo(row.unsigned("no")?),
        patch: row.json("record")?,
        feed: row.parsed("feed_id")?,
        withdrawn: row.flag("withdrawn")?,
    })
}

/// The catalog's generation, after bumping it when something changed. Wants the catalog's lock.
pub(crate) async fn generation(tx: &mut Tx, bump: bool) -> Result<u64> {
    let row = sqlx::query(GENERATION).fetch_optional(tx.conn()).await.attempt("read the catalog's generation")?;
    let now = row.as_ref().map_or(Ok(0), parse_generation)?;
    if !bump {
        return Ok(now);
    }
    sqlx::query("INSERT INTO meta (key, value) VALUES ('catalog_generation', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind((now + 1).to_string())
        .execute(tx.conn())
        .await
        .attempt("bump the catalog's generation")?;
    Ok(now + 1)
}

/// A row to be written: number, id, record.
type Write = (i64, PatchId, String);

#[derive(Default)]
struct ImportPlan {
    writes: Vec<Write>,
    report: ImportReport,
}

/// Compares what the feed carries with what is stored.
async fn plan(tx: &mut Tx, feed: FeedId, patches: &[Patch]) -> Result<ImportPlan> {
    struct Stored {
        no: i64,
        ours: bool,
        record: String,
        withdrawn: bool,
    }
    let rows = sqlx::query("SELECT * FROM patches").fetch_all(tx.conn()).await.attempt("read the catalog")?;
    let mut stored = BTreeMap::new();
    let mut next = 0;
    for row in &rows {
        let no = row.int("no")?;
        next = next.max(no + 1);
        let ours = row.text("feed_id")? == feed.to_string();
        let patch = Stored { no, ours, record: row.text("record")?, withdrawn: row.flag("withdrawn")? };
        stored.insert(PatchId(row.text("id")?), patch);
    }
    let mut plan = ImportPlan::default();
    // The last record of an id that is given twice wins.
    let wanted: BTreeMap<&PatchId, &Patch> = patches.iter().map(|patch| (&patch.id, patch)).collect();
    for (&id, &patch) in &wanted {
        let record = json("patch", patch)?;
        match stored.get(id) {
            None => {
                plan.report.added.push(id.clone());
                plan.writes.push((next, id.clone(), record));
                next += 1;
            }
            Some(old) if !old.ours && !old.withdrawn => {
                plan.report.elsewhere.push(id.clone());
                continue;
            }
            Some(old) if old.withdrawn => {
                plan.report.added.push(id.clone());
                plan.writes.push((old.no, id.clone(), record));
            }
            Some(old) if old.record != record => {
                plan.report.changed.push(id.clone());
                plan.writes.push((old.no, id.clone(), record));
            }
            Some(_) => {}
        }
        plan.report.total += 1;
    }
    let gone = stored.iter().filter(|(id, old)| old.ours && !old.withdrawn && !wanted.contains_key(id));
    plan.report.withdrawn = gone.map(|(id, _)| id.clone()).collect();
    Ok(plan)
}

/// Writes one patch that `feed` carries, whatever else it carries. Wants the catalog's lock.
pub(crate) async fn put(tx: &mut Tx, feed: FeedId, patch: &Patch) -> Result<()> {
    let row = sqlx::query("SELECT COALESCE((SELECT no FROM patches WHERE id = $1), (SELECT MAX(no) + 1 FROM patches), 0) AS no")
        .bind(patch.id.as_str())
        .fetch_one(tx.conn())
        .await
        .attempt("number a patch")?;
    write(tx, feed, &[(row.int("no")?, patch.id.clone(), json("patch", patch)?)]).await
}

async fn write(tx: &mut Tx, feed: FeedId, writes: &[Write]) -> Result<()> {
    for chunk in writes.chunks(CHUNK) {
        let mut values = Values::default();
        let feed = values.text(feed.to_string());
        let rows: Vec<String> = chunk
            .iter()
            .map(|(no, id, record)| format!("({}, {}, {feed}, {}, 0)", values.int(*no), values.text(id.as_str()), values.text(record)))
            .collect();
        let sql = format!(
            "INSERT INTO patches (no, id, feed_id, record, withdrawn) VALUES {}
             ON CONFLICT (no) DO UPDATE SET feed_id = excluded.feed_id, record = excluded.record, withdrawn = 0",
            rows.join(", ")
        );
        tx.run("write patches", sql, values).await?;
    }
    Ok(())
}

/// What writing some patches of a feed did.
pub(crate) struct Put {
    pub(crate) added: u32,
    pub(crate) changed: u32,
    /// Number of the next new patch.
    pub(crate) next: i64,
}

/// The number that the next new patch gets. Wants the catalog's lock.
pub(crate) async fn next_number(tx: &mut Tx) -> Result<i64> {
    let row = sqlx::query("SELECT COALESCE(MAX(no) + 1, 0) AS no FROM patches").fetch_one(tx.conn()).await.attempt("number a patch")?;
    row.int("no")
}

/// Writes patches that `feed` carries, among others, and may have taken from `others`. Wants the catalog's lock.
pub(crate) async fn put_all(tx: &mut Tx, feed: FeedId, others: &HashSet<FeedId>, next: i64, patches: &[Patch]) -> Result<Put> {
    let mut put = Put { added: 0, changed: 0, next };
    for chunk in patches.chunks(CHUNK) {
        let mut values = Values::default();
        let sql = format!("SELECT * FROM patches WHERE id IN ({})", values.texts(chunk.iter().map(|patch| &patch.id)));
        let rows = tx.rows("read patches", sql, values).await?;
        let stored = rows.iter().map(|row| Ok((row.text("id")?, row))).collect::<Result<BTreeMap<_, _>>>()?;
        let mut writes = Vec::new();
        for patch in chunk {
            let record = json("patch", patch)?;
            let Some(row) = stored.get(patch.id.as_str()) else {
                put.added += 1;
                writes.push((put.next, patch.id.clone(), record));
                put.next += 1;
                continue;
            };
            let (owner, withdrawn) = (row.parsed("feed_id")?, row.flag("withdrawn")?);
            if withdrawn {
                put.added += 1;
            } else if owner != feed && !others.contains(&owner) {
                return Err(crate::feeds::carried_elsewhere(tx, &patch.id, owner).await?);
            } else if owner != feed || row.text("record")? != record {
                put.changed += 1;
            } else {
                continue;
            }
            writes.push((row.int("no")?, patch.id.clone(), record));
        }
        write(tx, feed, &writes).await?;
    }
    Ok(put)
}

/// Ids of the patches that a feed carries.
pub(crate) async fn carried_ids(tx: &mut Tx, feed: FeedId) -> Result<Vec<PatchId>> {
    let rows = sqlx::query("SELECT id FROM patches WHERE feed_id = $1 AND withdrawn = 0").bind(feed.to_string()).fetch_all(tx.conn()).await;
    rows.attempt("read the patches of a feed")?.iter().map(|row| row.text("id").map(PatchId)).collect()
}

/// How many patches a feed carries.
pub(crate) async fn carried(tx: &mut Tx, feed: FeedId) -> Result<u64> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM patches WHERE feed_id = $1 AND withdrawn = 0").bind(feed.to_string());
    row.fetch_one(tx.conn()).await.attempt("count the patches of a feed")?.unsigned("n")
}

/// Withdraws those of these patches that a feed carries. Gives how many there were. Wants the catalog's lock.
pub(crate) async fn withdraw_of(tx: &mut Tx, feed: FeedId, ids: &[PatchId]) -> Result<u64> {
    let mut withdrawn = 0;
    for chunk in ids.chunks(CHUNK) {
        let mut values = Values::default();
        let feed = values.text(feed.to_string());
        let sql = format!("UPDATE patches SET withdrawn = 1 WHERE feed_id = {feed} AND withdrawn = 0 AND id IN ({})", values.texts(chunk));
        withdrawn += tx.run("withdraw patches", sql, values).await?.rows_affected();
    }
    Ok(withdrawn)
}

/// Withdraws all patches of a feed. Gives how many there were.
pub(crate) async fn withdraw_all(tx: &mut Tx, feed: FeedId) -> Result<u64> {
    let done = sqlx::query("UPDATE patches SET withdrawn = 1 WHERE feed_id = $1 AND withdrawn = 0")
        .bind(feed.to_string())
        .execute(tx.conn())
        .await
        .attempt("withdraw the patches of a feed")?;
    Ok(done.rows_affected())
}

/// Withdraws patches. Wants the catalog's lock.
pub(crate) async fn withdraw(tx: &mut Tx, ids: &[PatchId]) -> Result<()> {
    for chunk in ids.chunks(CHUNK) {
        let mut values = Values::default();
        let sql = format!("UPDATE patches SET withdrawn = 1 WHERE id IN ({})", values.texts(chunk));
        tx.run("withdraw patches", sql, values).await?;
    }
    Ok(())
}
