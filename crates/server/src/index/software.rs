//! Which packages are on which asset. The index keeps a list of them for each; here is how it gets there.

use fettle_fleet::{Assessor, AssetCard, Origin, SoftwareList};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_store::{AssetRecord, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most lists that wait for their asset to be shown: uploads that are being recorded at one time, and what
/// failed ones left behind.
const MOST_WAITING: usize = 4_096;

/// Lists that were made a moment ago.
#[derive(Debug, Default)]
pub(super) struct Lists {
    waiting: Mutex<HashMap<AssetId, Made>>,
}

/// A list made from an inventory; `None` when there was no room for it.
type Made = (Sha256Digest, Option<SoftwareList>);

/// What becomes of the packages that the index shows of an asset.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Software {
    /// They stay: they were made from the same inventory.
    Shown,
    /// They are these of this inventory.
    Made(Sha256Digest, Option<SoftwareList>),
    /// None are known.
    Unknown,
}

impl Software {
    /// The packages of an asset when all lists were read, by inventory.
    pub(super) fn among(known: &HashMap<Sha256Digest, Option<SoftwareList>>, record: &AssetRecord) -> Self {
        let made = record.scan.inventory.and_then(|digest| Some((digest, known.get(&digest)?)));
        made.map_or(Self::Unknown, |(digest, list)| Self::Made(digest, list.clone()))
    }

    /// Puts the packages on a card that has none yet, and with them what they were made from: the two are never
    /// apart. `before` is the card that is shown.
    pub(super) fn put(self, card: &mut AssetCard, before: Option<AssetCard>) {
        (card.software, card.origin.inventory) = match self {
            Self::Shown => before.map(|before| (before.software, before.origin.inventory)).unwrap_or_default(),
            Self::Made(digest, list) => (list, Origin::inventory_of(digest)),
            Self::Unknown => (None, 0),
        };
    }
}

/// Makes the lists of many assets at once and adds them to `known`: machines set up alike share an inventory,
/// which is read once.
pub(super) async fn read_lists(
    store: &Store,
    assessor: &Assessor,
    records: &[AssetRecord],
    known: &mut HashMap<Sha256Digest, Option<SoftwareList>>,
) -> Result<(), StoreError> {
    let mut new: Vec<Sha256Digest> = records.iter().filter_map(|record| record.scan.inventory).collect();
    new.retain(|digest| !known.contains_key(digest));
    new.sort_unstable();
    new.dedup();
    for (digest, inventory) in store.inventories(&new).await? {
        known.insert(digest, assessor.software().list(&inventory));
    }
    Ok(())
}

impl Lists {
    /// Keeps a list until the asset is shown, which spares reading the inventory from the store again.
    pub(super) fn hold(&self, asset: AssetId, made: Made) {
        let mut waiting = self.waiting();
        if waiting.len() >= MOST_WAITING {
            waiting.clear();
        }
        waiting.insert(asset, made);
    }

    /// The packages of an asset, of which the index shows what was made from `shown`.
    pub(super) async fn of(
        &self,
        store: &Store,
        assessor: &Assessor,
        record: &AssetRecord,
        shown: Option<Origin>,
    ) -> Result<Software, StoreError> {
        let waiting = self.waiting().remove(&record.id);
        let Some(digest) = record.scan.inventory else { return Ok(Software::Unknown) };
        if shown.is_some_and(|shown| shown.inventory == Origin::inventory_of(digest)) {
            return Ok(Software::Shown);
        }
        if let Some((of, list)) = waiting.filter(|(of, _)| *of == digest) {
            return Ok(Software::Made(of, list));
        }
        // One that is gone meanwhile was replaced by another upload, which refreshes the asset once more.
        let inventory = store.inventories(&[digest]).await?.remove(&digest);
        Ok(inventory.map_or(Software::Unknown, |inventory| Software::Made(digest, assessor.software().list(&inventory))))
    }

    /// Forgets an asset that was removed.
    pub(super) fn forget(&self, asset: AssetId) {
        self.waiting().remove(&asset);
    }

    /// Every use of this map is one call on it, so a panic elsewhere cannot leave it half changed.
    fn waiting(&self) -> MutexGuard<'_, HashMap<AssetId, Made>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_fleet::SoftwareTable;
    use fettle_model::inventory::{Hardware, Inventory, Kernels, PackageManagerHealth, WindowsSoftware};
    use fettle_model::os::{OperatingSystem, Platform};
    use jiff::Timestamp;
    use uuid::Uuid;

    fn bare() -> Inventory {
        let empty = String::new;
        let os = OperatingSystem {
            platform: Platform::Linux,
            id: empty(),
            name: empty(),
            version: empty(),
            codename: empty(),
            architecture: empty(),
            foreign_architectures: Vec::new(),
        };
        Inventory {
            hostname: empty(),
            os,
            hardware: Hardware::default(),
            interfaces: Vec::new(),
            packages: Vec::new(),
            kernels: Kernels::default(),
            pending_reboot: Vec::new(),
            package_manager: PackageManagerHealth::default(),
            windows: WindowsSoftware::default(),
        }
    }

    fn shown() -> AssetCard {
        let mut card = AssetCard::new(AssetId(Uuid::nil()), "web".to_owned(), Timestamp::UNIX_EPOCH);
        card.software = SoftwareTable::default().list(&bare());
        card.origin = Origin { mark: 1, inventory: 2, generation: 3 };
        card
    }

    #[test]
    fn packages_and_what_they_were_made_from_go_together() {
        let (digest, before) = (Sha256Digest([7; 32]), shown());
        assert!(before.software.is_some());
        let put = |software: Software, before: Option<AssetCard>| {
            let mut card = AssetCard { software: None, origin: Origin { mark: 4, inventory: 0, generation: 5 }, ..shown() };
            software.put(&mut card, before);
            assert_eq!((card.origin.mark, card.origin.generation), (4, 5), "these are the record's");
            (card.software, card.origin.inventory)
        };
        assert_eq!(put(Software::Shown, Some(before.clone())), (before.software.clone(), 2));
        let made = Software::Made(digest, before.software.clone());
        assert_eq!(put(made, None), (before.software.clone(), 0x0707_0707_0707_0707));
        assert_eq!(put(Software::Made(digest, None), Some(before.clone())), (None, 0x0707_0707_0707_0707), "there was no room");
        assert_eq!(put(Software::Unknown, Some(before)), (None, 0));
    }
}
