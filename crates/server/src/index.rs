//! Keeps the fleet index in step with the store.
//!
//! The index is a function of the store: whoever changed an asset there calls [`refresh`], which reads it
//! anew. Nothing is put into the index that was not read from the store.

mod saved;
mod software;

pub use saved::{SaveIndexError, save};

use crate::work::{Reconciler, dynamic_tags};
use crate::{App, Event};
use arc_swap::ArcSwap;
use fettle_fleet::{AssetCard, Catalog, Change, Fleet, Origin, Purpose, SoftwareList};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, TagId};
use fettle_model::tag::Tag;
use fettle_store::{AssetRecord, KeptFindings, Store, StoreError};
use jiff::Timestamp;
use software::{Lists, Software, read_lists};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Assets read at a time when the index is built: some megabytes.
const PAGE: u32 = 2_000;
/// Assets refreshed together: each version of the index costs about the same, whatever is in it.
const TOGETHER: usize = 200;
/// Locks shared by all assets; the last byte of an id, which is random, chooses.
const STRIPES: usize = 64;

/// One refresh at a time for an asset, so that an older reading cannot replace a newer one.
#[derive(Debug)]
pub struct Refreshing {
    stripes: Vec<Mutex<()>>,
    /// Tags whose carriers a query decides. Held while they are read and their carriers decided.
    dynamic: Mutex<()>,
    known: ArcSwap<BTreeSet<TagId>>,
    lists: Lists,
    /// The version of the index that is on the disk.
    saved: Mutex<Option<u64>>,
}

impl Default for Refreshing {
    fn default() -> Self {
        Self {
            stripes: (0..STRIPES).map(|_| Mutex::new(())).collect(),
            dynamic: Mutex::default(),
            known: ArcSwap::default(),
            lists: Lists::default(),
            saved: Mutex::default(),
        }
    }
}

impl Refreshing {
    /// Keeps the list of packages of an inventory that is being recorded, until the asset is refreshed.
    pub(crate) fn hold(&self, asset: AssetId, digest: Sha256Digest, list: Option<SoftwareList>) {
        self.lists.hold(asset, (digest, list));
    }

    /// Locks the stripes of all these assets, in one order everywhere, so that nobody waits in a circle.
    async fn lock(&self, assets: &[AssetId]) -> Vec<tokio::sync::MutexGuard<'_, ()>> {
        let stripes: BTreeSet<usize> = assets.iter().map(|asset| usize::from(asset.0.as_bytes()[15]) % STRIPES).collect();
        let mut held = Vec::with_capacity(stripes.len());
        for lock in stripes.into_iter().filter_map(|stripe| self.stripes.get(stripe)) {
            held.push(lock.lock().await);
        }
        held
    }
}

/// Those of `tags` whose carriers a query decides.
fn dynamic(tags: &[Tag]) -> BTreeSet<TagId> {
    tags.iter().filter(|tag| tag.query.is_some()).map(|tag| tag.id).collect()
}

/// Why tags could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum TagsError {
    /// The store failed.
    #[error("could not read the tags or the assets that carry them")]
    Store(#[from] StoreError),
    /// The computation was cut off.
    #[error("could not decide who carries the tags with a query")]
    CutOff(#[from] tokio::task::JoinError),
}

/// The catalog as the store has it.
///
/// # Errors
/// When the database fails.
pub async fn read_catalog(store: &Store) -> Result<Arc<Catalog>, StoreError> {
    let snapshot = store.catalog().await?;
    Ok(Arc::new(Catalog::build(snapshot.generation, snapshot.patches).scored(snapshot.facts)))
}

/// The index as the store has it, as of `now`: from the file at `saved` and what changed since, or, where there is
/// no file that is of use, from the store alone.
///
/// # Errors
/// When the database fails.
pub async fn load(store: &Store, saved: &Path, now: Timestamp) -> Result<(Fleet, Refreshing), StoreError> {
    let (catalog, tags, refreshing) = (read_catalog(store).await?, store.tags().await?, Refreshing::default());
    let decided_by_query = dynamic(&tags);
    let (fleet, unchanged) = match saved::read(saved, store, &catalog).await {
        Some(fleet) => {
            let read = saved::catch_up(store, &fleet, &tags, &decided_by_query).await?;
            tracing::info!(read, "took the saved index, and from the store what changed since");
            let version = fleet.view().version();
            (fleet, (read == 0).then_some(version))
        }
        None => (build(store, catalog, &tags, &decided_by_query).await?, None),
    };
    *refreshing.saved.lock().await = unchanged;
    refreshing.known.store(Arc::new(decided_by_query));
    // Scopes are made of tags, so nobody may look before it is decided who carries them.
    let differences = dynamic_tags::decide(&fleet, &tags, now);
    differences.note(store).await?;
    differences.apply(&fleet);
    Ok((fleet, refreshing))
}

/// The index of all assets in the store, with the tags that queries decided last.
async fn build(store: &Store, catalog: Arc<Catalog>, tags: &[Tag], decided_by_query: &BTreeSet<TagId>) -> Result<Fleet, StoreError> {
    let fleet = Fleet::new(catalog);
    fleet.apply(vec![Change::Tags(tags.to_vec())]);
    let (mut after, mut known, assessor) = (None, HashMap::new(), fleet.assessor());
    loop {
        let page = store.assets(after, PAGE).await?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else { break };
        after = Some(last.id);
        let mut decided = remembered(store, (first.id, last.id), decided_by_query).await?;
        read_lists(store, &assessor, &page, &mut known).await?;
        let complete = page.into_iter().map(|record| {
            let (software, decided) = (Software::among(&known, &record), decided.remove(&record.id).unwrap_or_default());
            (record, software, decided)
        });
        fleet.apply(complete.flat_map(|(record, software, decided)| changes(record, software, decided)).collect());
    }
    Ok(fleet)
}

/// Reads an asset from the store and puts it into the index, or takes it out when it is gone.
///
/// # Errors
/// When the database fails; the index keeps what it had.
pub async fn refresh(app: &App, asset: AssetId) -> Result<(), StoreError> {
    refresh_all(app, &[asset]).await
}

/// [`refresh`] for several assets, published some hundreds at a time.
///
/// # Errors
/// When the database fails; assets before those in trouble are refreshed.
pub async fn refresh_all(app: &App, assets: &[AssetId]) -> Result<(), StoreError> {
    for some in assets.chunks(TOGETHER) {
        let _one_at_a_time = app.refreshing.lock(some).await;
        let known = app.refreshing.known.load_full();
        let view = app.fleet.view().unscoped(Purpose::Upkeep);
        let assessor = app.fleet.assessor();
        let mut changed = Vec::with_capacity(2 * some.len());
        for &asset in some {
            let Some(record) = app.store.asset(asset).await? else {
                app.refreshing.lists.forget(asset);
                changed.push(Change::Remove(asset));
                continue;
            };
            let shown = view.origin(asset);
            let software = app.refreshing.lists.of(&app.store, &assessor, &record, shown).await?;
            changed.extend(match shown {
                Some(_) => keeping(record, software, &known),
                None => changes(record, software, BTreeSet::new()),
            });
        }
        app.fleet.apply(changed);
        app.versions.tidy(app.clock.now());
        some.iter().for_each(|&asset| app.tell(Event::Asset(asset)));
    }
    if !assets.is_empty() && !app.refreshing.known.load().is_empty() {
        app.signals.ask(Reconciler::DecideTags);
    }
    Ok(())
}

/// Raises findings that a new catalog does not change, in the store and in the index, from the generation `from` to
/// `to`. Those that are not any more as their mark says are left alone. Gives those that were raised.
///
/// # Errors
/// When the database fails; nothing is raised then.
pub(crate) async fn raise(app: &App, kept: &[KeptFindings], from: u64, to: u64) -> Result<BTreeSet<AssetId>, StoreError> {
    let assets: Vec<AssetId> = kept.iter().map(|one| one.asset).collect();
    let _one_at_a_time = app.refreshing.lock(&assets).await;
    let before: HashMap<AssetId, u64> = kept.iter().map(|one| (one.asset, one.mark)).collect();
    let raised = app.store.raise_findings(kept, from, to).await?;
    let edits = raised.iter().filter_map(|after| {
        let (before, mark) = (*before.get(&after.id)?, after.mark);
        let with = Box::new(move |card: &mut AssetCard| {
            // A row that is not what was raised is left to whoever changed it.
            if card.origin.mark == before {
                (card.origin.mark, card.origin.generation) = (mark, to);
            }
        });
        Some(Change::Edit { asset: after.id, with })
    });
    app.fleet.apply(edits.collect());
    if !raised.is_empty() && !app.refreshing.known.load().is_empty() {
        app.signals.ask(Reconciler::DecideTags);
    }
    Ok(raised.into_iter().map(|after| after.id).collect())
}

/// Reads the tags from the store and decides who carries those with a query. Gives how many assets carry
/// other tags than before.
///
/// # Errors
/// When the database fails; the index keeps what it had.
pub async fn refresh_tags(app: &Arc<App>) -> Result<usize, TagsError> {
    let _one_at_a_time = app.refreshing.dynamic.lock().await;
    let tags = app.store.tags().await?;
    let now_dynamic = Arc::new(dynamic(&tags));
    let before = app.refreshing.known.swap(Arc::clone(&now_dynamic));
    app.fleet.apply(vec![Change::Tags(tags.clone())]);
    // Who carried a tag that no query decides any more carries what the store says.
    let gone: BTreeSet<TagId> = before.difference(&now_dynamic).copied().collect();
    let orphans: Vec<AssetId> = dynamic_tags::carriers(&app.fleet, gone).collect();
    refresh_all(app, &orphans).await?;
    let (shared, now) = (Arc::clone(app), app.clock.now());
    // Asking for every asset of a large fleet takes a while.
    let differences = tokio::task::spawn_blocking(move || dynamic_tags::decide(&shared.fleet, &tags, now)).await?;
    differences.note(&app.store).await?;
    let changed: Vec<AssetId> = differences.assets().collect();
    let shared = Arc::clone(app);
    tokio::task::spawn_blocking(move || differences.apply(&shared.fleet)).await?;
    changed.iter().for_each(|&asset| app.tell(Event::Asset(asset)));
    Ok(orphans.len() + changed.len())
}

/// The tags that assets between two were decided to carry last, as far as a query still decides them.
async fn remembered(
    store: &Store,
    (first, last): (AssetId, AssetId),
    known: &BTreeSet<TagId>,
) -> Result<HashMap<AssetId, BTreeSet<TagId>>, StoreError> {
    let mut decided = store.decided_tags(first, last).await?;
    decided.values_mut().for_each(|tags| tags.retain(|tag| known.contains(tag)));
    Ok(decided)
}

/// Changes of an asset that is in the index already: tags that a query decided stay, because the store does not
/// know them, and so does its software when the inventory is the same. Whoever decides tags may do so at the
/// same time, so they are read while the change is made.
fn keeping(record: AssetRecord, software: Software, known: &Arc<BTreeSet<TagId>>) -> [Change; 2] {
    let known = Arc::clone(known);
    replacing(record, software, move |tags| tags.intersection(&known).copied().collect())
}

/// Changes of an asset that is in the index already. `decided` gives the tags it has beside those of the record, from
/// those it had.
fn replacing(
    mut record: AssetRecord,
    software: Software,
    decided: impl FnOnce(&BTreeSet<TagId>) -> BTreeSet<TagId> + Send + 'static,
) -> [Change; 2] {
    let (asset, findings) = (record.id, std::mem::take(&mut record.scan.findings));
    let new = card(record);
    let with = Box::new(move |card: &mut AssetCard| {
        let before = std::mem::replace(card, new);
        card.tags.extend(decided(&before.tags));
        software.put(card, Some(before));
    });
    [Change::Edit { asset, with }, Change::Findings { asset, findings }]
}

/// Changes that add an asset to the index, with the tags that it was decided to carry.
fn changes(mut record: AssetRecord, software: Software, decided: BTreeSet<TagId>) -> [Change; 2] {
    let (asset, findings) = (record.id, std::mem::take(&mut record.scan.findings));
    let mut card = card(record);
    card.tags.extend(decided);
    software.put(&mut card, None);
    [Change::Card(Box::new(card)), Change::Findings { asset, findings }]
}

/// The card of a record, without software.
fn card(record: AssetRecord) -> AssetCard {
    let origin = Origin { mark: record.mark(), inventory: 0, generation: record.scan.catalog_generation };
    let mut card = AssetCard::new(record.id, record.name, record.created_at);
    card.origin = origin;
    card.tags = record.tags;
    card.scan_status = record.scan.status;
    card.scan_error = record.scan.error;
    card.last_scan = record.scan.last_scan;
    card.last_check_in = record.last_check_in;
    card.agent_version = record.agent_version;
    card.assess_only = record.assess_only;
    card.logged_on_user = record.scan.volatile.logged_on.into_iter().next().map(|person| person.user);
    card.disk_free = record.scan.volatile.disks.iter().map(|disk| disk.free_bytes).min();
    if let Some(facts) = record.scan.facts {
        card.platform = Some(facts.os.platform);
        card.release = facts.os.release();
        card.os_name = facts.os.name;
        card.os_version = facts.os.version;
        card.os_build = facts.kernel;
        card.architecture = facts.os.architecture;
        card.addresses = facts.addresses;
        card.macs = facts.macs;
        card.hardware = Arc::new(facts.hardware);
        card.pending_reboot = facts.pending_reboot;
    }
    card
}
