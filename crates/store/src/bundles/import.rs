//! Taking in a bundle: all of it, or nothing.

use super::feeds::{self, Changed};
use super::{ExportName, NOT_FOUND, SourceImport};
use crate::audit::append;
use crate::engine::{Lock, Tx};
use crate::feed_syncs::{self, SyncedPatches};
use crate::{AuditEntry, FeedRecord, FeedState, Result, Store, StoreError};
use fettle_model::ids::{CatalogSourceId, FeedId, PatchId};
use fettle_model::patch::Patch;
use fettle_model::vulnerability::VulnerabilityFacts;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use tokio::sync::mpsc;

/// What goes with an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleImport {
    /// Whose bundle it is.
    pub source: CatalogSourceId,
    /// What had been imported when it was decided that this one may be.
    pub after: Option<ExportName>,
    /// What is to be noted.
    pub imported: SourceImport,
}

/// What comes of a bundle: all feeds of the exporting server, each with its records behind it, and the end.
#[derive(Debug)]
pub enum BundlePiece {
    /// A feed; its records follow.
    Feed(BundleFeed),
    /// Patches it carries that the base did not hold or held otherwise.
    Patches(Vec<Patch>),
    /// Patches it no longer carries.
    Withdrawn(Vec<PatchId>),
    /// What it says of vulnerabilities otherwise than in the base.
    Facts(Vec<VulnerabilityFacts>),
    /// Vulnerabilities it no longer speaks of.
    Forgotten(Vec<String>),
    /// Everything came. Without it nothing is kept.
    End,
}

/// A feed of the exporting server.
#[derive(Debug, Clone, PartialEq)]
pub struct BundleFeed {
    /// Its id there.
    pub origin: FeedId,
    /// The id it gets here when it is new.
    pub id: FeedId,
    /// Its name there.
    pub name: String,
    /// Its configuration here, as the catalog crate writes it.
    pub config: Value,
    /// Whether it speaks of vulnerabilities instead of carrying patches.
    pub facts: bool,
    /// Whether all its records come; otherwise what changed.
    pub whole: bool,
    /// Records it carries afterwards.
    pub total: u64,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleReport {
    /// The catalog's generation afterwards; unchanged when no patch changed.
    pub generation: u64,
    /// Each feed, in the order of the bundle; then those that the exporting server has no more.
    pub feeds: Vec<FeedReport>,
}

/// What an import did to one feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedReport {
    /// Its name here.
    pub name: String,
    /// Records that were not there before.
    pub added: u32,
    /// Records that are otherwise now.
    pub changed: u32,
    /// Records that are gone.
    pub withdrawn: u32,
    /// Records it carries now.
    pub total: u32,
    /// The exporting server has it no more, and neither has this one.
    pub removed: bool,
}

impl Store {
    /// Takes in a bundle that was verified, piece by piece, in one transaction. `None` when the pieces stopped before
    /// [`BundlePiece::End`]: then nothing was kept, as after every error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the source is not trusted any more; [`StoreError::Outdated`] when another bundle of it
    /// was imported in the meantime; [`StoreError::Conflict`] `patch-of-another-feed`, `bundle-does-not-fit`.
    pub async fn import_bundle(
        &self,
        import: &BundleImport,
        mut pieces: mpsc::Receiver<BundlePiece>,
        audit: impl FnOnce(&BundleReport) -> AuditEntry,
    ) -> Result<Option<BundleReport>> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let source = super::lock_source(&mut tx, import.source).await?.ok_or(NOT_FOUND)?;
        if source.imported.map(|imported| imported.export) != import.after {
            return Err(StoreError::Outdated { what: "source of bundles" });
        }
        let mut importing = Importing::begin(tx, import, source.name).await?;
        loop {
            match pieces.recv().await {
                None => return Ok(None),
                Some(BundlePiece::End) => break,
                Some(piece) => importing.take(piece).await?,
            }
        }
        importing.finish(audit).await.map(Some)
    }
}

/// An import under way.
struct Importing<'a> {
    tx: Tx,
    import: &'a BundleImport,
    from: String,
    /// The source's feeds that did not come yet, by their ids there.
    known: BTreeMap<FeedId, FeedId>,
    /// All feeds of the source: among them a patch may move.
    ours: HashSet<FeedId>,
    /// Number of the next new patch.
    next: i64,
    open: Option<Open>,
    reports: Vec<FeedReport>,
    changed: Changed,
}

/// A feed whose records come.
struct Open {
    feed: BundleFeed,
    record: FeedRecord,
    report: FeedReport,
    /// Patches that came, when all come.
    seen: HashSet<PatchId>,
    facts: Vec<VulnerabilityFacts>,
    forgotten: Vec<String>,
    changed: Changed,
}

impl<'a> Importing<'a> {
    async fn begin(mut tx: Tx, import: &'a BundleImport, from: String) -> Result<Self> {
        let known = feeds::of(&mut tx, import.source).await?;
        let ours = known.values().copied().collect();
        let next = crate::patches::next_number(&mut tx).await?;
        Ok(Self { tx, import, from, known, ours, next, open: None, reports: Vec::new(), changed: Changed::default() })
    }

    async fn take(&mut self, piece: BundlePiece) -> Result<()> {
        if let BundlePiece::Feed(feed) = piece {
            self.close().await?;
            self.open = Some(self.feed(feed).await?);
            return Ok(());
        }
        let open =
            self.open.as_mut().ok_or(StoreError::conflict("bundle-does-not-fit", "The bundle has records before its first feed."))?;
        match piece {
            BundlePiece::Patches(patches) if !open.feed.facts => {
                self.next = open.patches(&mut self.tx, &self.ours, self.next, patches).await?;
            }
            BundlePiece::Withdrawn(ids) if !open.feed.facts => open.withdraw(&mut self.tx, &ids).await?,
            BundlePiece::Facts(facts) if open.feed.facts => open.facts.extend(facts),
            BundlePiece::Forgotten(cves) if open.feed.facts => open.forgotten.extend(cves),
            _ => return Err(StoreError::conflict("bundle-does-not-fit", "The bundle has a record in a feed of another kind.")),
        }
        Ok(())
    }

    /// Finds the feed here, or adds it.
    async fn feed(&mut self, feed: BundleFeed) -> Result<Open> {
        let (id, is_new) = match self.known.remove(&feed.origin) {
            Some(id) => (id, false),
            None if feed.whole => (feed.id, true),
            None => return Err(does_not_fit(&feed.name)),
        };
        let record = if is_new {
            let name = crate::feeds::free_name(&mut self.tx, &feed.name, &self.from).await?;
            let (config, created_at) = (feed.config.clone(), self.import.imported.at);
            let record = FeedRecord { id, name, config, enabled: false, created_at, state: FeedState::default() };
            feeds::add(&mut self.tx, self.import.source, feed.origin, &record).await?;
            record
        } else {
            crate::feeds::lock_feed(&mut self.tx, id).await?.ok_or_else(|| does_not_fit(&feed.name))?
        };
        self.ours.insert(id);
        let report = FeedReport { name: record.name.clone(), ..FeedReport::default() };
        let (seen, facts, forgotten) = (HashSet::new(), Vec::new(), Vec::new());
        Ok(Open { feed, record, report, seen, facts, forgotten, changed: Changed::default() })
    }

    /// Ends the feed whose records came.
    async fn close(&mut self) -> Result<()> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        open.end(&mut self.tx).await?;
        let total = open.total(&mut self.tx).await?;
        if total != open.feed.total {
            return Err(does_not_fit(&open.record.name));
        }
        let count = u32::try_from(total).unwrap_or(u32::MAX);
        open.report.total = count;
        let (patches, facts) = if open.feed.facts { (0, count) } else { (count, 0) };
        let FeedReport { added, changed, withdrawn, .. } = open.report;
        let at = Some(self.import.imported.at);
        open.record.config = open.feed.config;
        open.record.state =
            FeedState { last_attempt: at, last_success: at, added, changed, withdrawn, patches, facts, ..FeedState::default() };
        crate::feeds::write(&mut self.tx, &open.record).await?;
        // Which patches they are is not kept: a bundle may bring all of a catalog.
        let (outcome, named) = (open.record.state.outcome(), SyncedPatches::default());
        feed_syncs::note(&mut self.tx, open.record.id, self.import.imported.at, &outcome, &named).await?;
        self.changed.merge(open.changed);
        self.reports.push(open.report);
        Ok(())
    }

    async fn finish(mut self, audit: impl FnOnce(&BundleReport) -> AuditEntry) -> Result<BundleReport> {
        self.close().await?;
        // What did not come is there no more: a bundle names all feeds of its server, also when it holds changes only.
        for id in std::mem::take(&mut self.known).into_values() {
            let name = crate::feeds::lock_feed(&mut self.tx, id).await?.map(|feed| feed.name).unwrap_or_default();
            let withdrawn = u32::try_from(crate::patches::carried(&mut self.tx, id).await?).unwrap_or(u32::MAX);
            self.changed.merge(feeds::remove(&mut self.tx, id).await?);
            self.reports.push(FeedReport { name, withdrawn, removed: true, ..FeedReport::default() });
        }
        let generation = self.changed.note(&mut self.tx).await?;
        super::note_import(&mut self.tx, self.import.source, &self.import.imported).await?;
        let report = BundleReport { generation, feeds: self.reports };
        append(&mut self.tx, &audit(&report)).await?;
        self.tx.commit().await?;
        Ok(report)
    }
}

impl Open {
    async fn patches(&mut self, tx: &mut Tx, ours: &HashSet<FeedId>, next: i64, patches: Vec<Patch>) -> Result<i64> {
        let put = crate::patches::put_all(tx, self.record.id, ours, next, &patches).await?;
        self.report.added += put.added;
        self.report.changed += put.changed;
        self.changed.patches |= put.added + put.changed > 0;
        if self.feed.whole {
            self.seen.extend(patches.into_iter().map(|patch| patch.id));
        }
        Ok(put.next)
    }

    async fn withdraw(&mut self, tx: &mut Tx, ids: &[PatchId]) -> Result<()> {
        let withdrawn = crate::patches::withdraw_of(tx, self.record.id, ids).await?;
        self.report.withdrawn += u32::try_from(withdrawn).unwrap_or(u32::MAX);
        self.changed.patches |= withdrawn > 0;
        Ok(())
    }

    /// What can be done only when all records came.
    async fn end(&mut self, tx: &mut Tx) -> Result<()> {
        let id = self.record.id;
        if !self.feed.facts {
            if self.feed.whole {
                let gone: Vec<PatchId> =
                    crate::patches::carried_ids(tx, id).await?.into_iter().filter(|id| !self.seen.contains(id)).collect();
                self.withdraw(tx, &gone).await?;
            }
            // The feed may have spoken of vulnerabilities before.
            self.changed.facts |= crate::vulnerabilities::forget(tx, id).await?;
            return Ok(());
        }
        self.changed.patches |= crate::patches::withdraw_all(tx, id).await? > 0;
        let done = if self.feed.whole {
            crate::vulnerabilities::replace(tx, id, &self.facts).await?
        } else {
            crate::vulnerabilities::alter(tx, id, &self.facts, &self.forgotten).await?
        };
        (self.report.added, self.report.changed, self.report.withdrawn) = (done.added, done.changed, done.removed);
        Ok(())
    }

    async fn total(&self, tx: &mut Tx) -> Result<u64> {
        if self.feed.facts {
            crate::vulnerabilities::spoken_of(tx, self.record.id).await
        } else {
            crate::patches::carried(tx, self.record.id).await
        }
    }
}

fn does_not_fit(feed: &str) -> StoreError {
    let why = format!("What the bundle holds of the feed {feed:?} does not fit what is here; bring a full bundle.");
    StoreError::conflict("bundle-does-not-fit", why)
}
