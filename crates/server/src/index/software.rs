//! Which packages are on which asset. The index keeps a list of them for each; here is how it gets there.

use fettle_fleet::{Assessor, Change, SoftwareList};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_store::{AssetRecord, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most lists that wait for their asset to be shown: uploads that are being recorded at one time, and what
/// failed ones left behind.
const MOST_WAITING: usize = 4_096;

/// Which inventory each asset's list in the index was made from, and lists that were made a moment ago.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The first bytes of the inventory's digest: enough to tell one asset's inventories apart.
    shown: Mutex<HashMap<AssetId, u64>>,
    waiting: Mutex<HashMap<AssetId, Made>>,
}

/// A list made from an inventory; `None` when there was no room for it.
type Made = (Sha256Digest, Option<SoftwareList>);

impl Lists {
    /// Keeps a list until the asset is shown, which spares reading the inventory from the store again.
    pub(super) fn hold(&self, asset: AssetId, made: Made) {
        let mut waiting = held(&self.waiting);
        if waiting.len() >= MOST_WAITING {
            waiting.clear();
        }
        waiting.insert(asset, made);
    }

    /// The change that shows the packages of an asset; `None` when they are shown already.
    pub(super) async fn change(&self, store: &Store, assessor: &Assessor, record: &AssetRecord) -> Result<Option<Change>, StoreError> {
        let (asset, shown) = (record.id, held(&self.shown).get(&record.id).copied());
        let waiting = held(&self.waiting).remove(&asset);
        let Some(digest) = record.scan.inventory else {
            return Ok(held(&self.shown).remove(&asset).map(|_| Change::Software { asset, list: None }));
        };
        if shown == Some(first(digest)) {
            return Ok(None);
        }
        let list = match waiting {
            Some((of, list)) if of == digest => list,
            _ => store.inventory(asset).await?.and_then(|inventory| assessor.software().list(&inventory)),
        };
        held(&self.shown).insert(asset, first(digest));
        Ok(Some(Change::Software { asset, list }))
    }

    /// Forgets an asset that was removed.
    pub(super) fn forget(&self, asset: AssetId) {
        held(&self.shown).remove(&asset);
        held(&self.waiting).remove(&asset);
    }

    /// The changes that show the packages of many assets at once: machines set up alike share an inventory, which
    /// is read once. `known` has the lists of the inventories seen before.
    pub(super) async fn all(
        &self,
        store: &Store,
        assessor: &Assessor,
        records: &[AssetRecord],
        known: &mut HashMap<Sha256Digest, Option<SoftwareList>>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut new: Vec<Sha256Digest> = records.iter().filter_map(|record| record.scan.inventory).collect();
        new.retain(|digest| !known.contains_key(digest));
        new.sort_unstable();
        new.dedup();
        for (digest, inventory) in store.inventories(&new).await? {
            known.insert(digest, assessor.software().list(&inventory));
        }
        let mut shown = held(&self.shown);
        let changes = records.iter().filter_map(|record| {
            let (asset, digest) = (record.id, record.scan.inventory?);
            let list = known.get(&digest)?.clone();
            shown.insert(asset, first(digest));
            Some(Change::Software { asset, list })
        });
        Ok(changes.collect())
    }
}

fn first(digest: Sha256Digest) -> u64 {
    digest.0.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Every use of these maps is one call on one of them, so a panic elsewhere cannot leave them half changed.
fn held<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}
