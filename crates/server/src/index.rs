//! Keeps the fleet index in step with the store.
//!
//! The index is a function of the store: whoever changed an asset there calls [`refresh`], which reads it
//! anew. Nothing is put into the index that was not read from the store.

use crate::{App, Event};
use fettle_fleet::{AssetCard, Catalog, Change, Fleet};
use fettle_model::ids::AssetId;
use fettle_store::{AssetRecord, Store, StoreError};
use std::collections::BTreeSet;
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
pub struct Refreshing(Vec<Mutex<()>>);

impl Default for Refreshing {
    fn default() -> Self {
        Self((0..STRIPES).map(|_| Mutex::new(())).collect())
    }
}

impl Refreshing {
    /// Locks the stripes of all these assets, in one order everywhere, so that nobody waits in a circle.
    async fn lock(&self, assets: &[AssetId]) -> Vec<tokio::sync::MutexGuard<'_, ()>> {
        let stripes: BTreeSet<usize> = assets.iter().map(|asset| usize::from(asset.0.as_bytes()[15]) % STRIPES).collect();
        let mut held = Vec::with_capacity(stripes.len());
        for lock in stripes.into_iter().filter_map(|stripe| self.0.get(stripe)) {
            held.push(lock.lock().await);
        }
        held
    }
}

/// The catalog as the store has it.
///
/// # Errors
/// When the database fails.
pub async fn read_catalog(store: &Store) -> Result<Arc<Catalog>, StoreError> {
    let snapshot = store.catalog().await?;
    Ok(Arc::new(Catalog::build(snapshot.generation, snapshot.patches)))
}

/// Builds the index from the store.
///
/// # Errors
/// When the database fails.
pub async fn load(store: &Store) -> Result<Fleet, StoreError> {
    let fleet = Fleet::new(read_catalog(store).await?);
    let mut after = None;
    loop {
        let page = store.assets(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(fleet) };
        after = Some(last.id);
        fleet.apply(page.into_iter().flat_map(changes).collect());
    }
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
        let mut changed = Vec::with_capacity(2 * some.len());
        for &asset in some {
            match app.store.asset(asset).await? {
                Some(record) => changed.extend(changes(record)),
                None => changed.push(Change::Remove(asset)),
            }
        }
        app.fleet.apply(changed);
        some.iter().for_each(|&asset| app.tell(Event::Asset(asset)));
    }
    Ok(())
}

fn changes(record: AssetRecord) -> [Change; 2] {
    let asset = record.id;
    let mut card = AssetCard::new(asset, record.name, record.created_at);
    card.tags = record.tags;
    card.scan_status = record.scan.status;
    card.scan_error = record.scan.error;
    card.last_scan = record.scan.last_scan;
    card.last_check_in = record.last_check_in;
    card.agent_version = record.agent_version;
    card.assess_only = record.assess_only;
    card.logged_on_user = record.scan.volatile.logged_on.into_iter().next().map(|person| person.user);
    if let Some(facts) = record.scan.facts {
        card.platform = Some(facts.os.platform);
        card.release = facts.os.release();
        card.os_name = facts.os.name;
        card.architecture = facts.os.architecture;
        card.addresses = facts.addresses;
        card.pending_reboot = facts.pending_reboot;
    }
    [Change::Card(Box::new(card)), Change::Findings { asset, findings: record.scan.findings }]
}
