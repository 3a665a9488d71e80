//! What is installed where: packages as numbers, and the list of each machine kept once.
//!
//! Fleets repeat themselves. A package that many machines have is one number ([`packages`]), machines with the
//! same packages share one list, and a list that is nearly like another is kept as what differs ([`lists`]).
//! Assessment, re-assessment by a new catalog, and `software:(…)` queries all work on these numbers.
//!
//! The table is shared by all versions of the fleet: a list never changes, and is forgotten only when no
//! version and nobody else has it. It is a cache: what it cannot keep (its memory is bounded, and agents
//! could invent packages) is read from the store instead.

mod code;
mod lists;
mod matching;
mod packages;
mod saved;
mod similar;
mod values;
pub(crate) mod windows;

pub(crate) use code::Changes;
pub(crate) use lists::{Chunk, Lists, SavedLists, Visitor};
pub use matching::ListSet;
pub(crate) use packages::{PackageText, Packages};

use crate::rules::windows_key;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::os::{OperatingSystem, Platform, ReleaseKey};
use fettle_model::version::Scheme;
use std::cmp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Most kinds of systems. A kind is a release on an architecture; fleets have some tens.
const MOST_SYSTEMS: usize = 1_024;
/// Most bytes of package texts: some three million packages. A fleet that runs one release for years sees some
/// hundreds of thousands; the limit stops agents that invent packages from filling the memory.
const MOST_TEXT: usize = 256 << 20;

/// Names a list of a table. Dense, and used again once nobody has the list any more: whoever keeps an id
/// keeps the [`SoftwareList`] as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListId(pub u32);

/// The packages that are present on a machine: one of the lists of a [`SoftwareTable`]. Cheap to copy; equal
/// when it is the same list.
#[derive(Debug, Clone)]
pub struct SoftwareList(Arc<Token>);

#[derive(Debug)]
struct Token {
    id: ListId,
    system: u16,
    len: u32,
    /// The table's version since which it is there: ids are given anew.
    born: u64,
}

impl PartialEq for SoftwareList {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SoftwareList {}

impl SoftwareList {
    /// Its id in its table.
    #[must_use]
    pub fn id(&self) -> ListId {
        self.0.id
    }

    /// The version of the table's lists since which it is there.
    pub(crate) fn born(&self) -> u64 {
        self.0.born
    }

    /// How many packages are present.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.0.len).unwrap_or(usize::MAX)
    }

    /// Whether no package is present.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }
}

/// All packages and lists of a fleet. Shared between threads.
#[derive(Debug, Default)]
pub struct SoftwareTable {
    systems: RwLock<Systems>,
    text: AtomicUsize,
    lists: RwLock<Lists>,
    answers: matching::Answers,
}

#[derive(Debug, Default)]
struct Systems {
    places: HashMap<SystemKey, u16>,
    all: Vec<Arc<System>>,
}

/// What assessment needs to know of an operating system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SystemKey {
    pub(crate) platform: Platform,
    pub(crate) release: Option<ReleaseKey>,
    pub(crate) native: String,
}

impl SystemKey {
    /// Where the rules for such systems are. Applications are the same on every release of Windows, so that these have
    /// theirs in one place.
    pub(crate) fn rules(&self) -> Option<ReleaseKey> {
        let release = self.release.as_ref()?;
        Some(if self.platform == Platform::Windows { windows_key() } else { release.clone() })
    }
}

/// One kind of system and the packages seen on it.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) no: u16,
    pub(crate) key: SystemKey,
    packages: RwLock<Packages>,
}

impl System {
    pub(crate) fn packages(&self) -> RwLockReadGuard<'_, Packages> {
        // A writer that panicked added a package completely or not at all.
        self.packages.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The present packages of a machine as numbers, in the order of its inventory.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) system: Arc<System>,
    pub(crate) numbers: Vec<u32>,
}

/// How much a table holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SoftwareSize {
    /// Different lists.
    pub lists: usize,
    /// Of these, the ones that are kept whole; the others are differences from one of them.
    pub whole_lists: usize,
    /// Bytes of the lists.
    pub list_bytes: usize,
    /// Different packages, counted once for each kind of system.
    pub packages: usize,
    /// Bytes of their texts.
    pub package_bytes: usize,
}

impl SoftwareTable {
    /// The list of the packages that are present on a machine. `None` when there is no room for it.
    pub fn list(&self, inventory: &Inventory) -> Option<SoftwareList> {
        self.keep(self.numbers(inventory)?)
    }

    /// How much it holds.
    #[must_use]
    pub fn size(&self) -> SoftwareSize {
        let (lists, whole_lists, list_bytes) = self.lists().size();
        let mut size = SoftwareSize { lists, whole_lists, list_bytes, ..SoftwareSize::default() };
        for system in self.systems() {
            let packages = system.packages();
            size.packages += packages.len();
            size.package_bytes += packages.bytes();
        }
        size
    }

    /// Numbers the present packages of a machine; new ones get new numbers. `None` when there is no room for them.
    pub(crate) fn numbers(&self, inventory: &Inventory) -> Option<Numbered> {
        let system = self.system(&inventory.os)?;
        let known = system.packages();
        let texts = windows::Texts::of(inventory);
        let present = || present(inventory).map(PackageText::from).chain(texts.entries(inventory));
        // All hashes before all look-ups: the look-ups wait for memory, and do so together when nothing is in between.
        let hashes: Vec<u64> = present().map(|package| known.hash(package)).collect();
        let find = |(&hash, package)| known.find(hash, package).unwrap_or(u32::MAX);
        let mut numbers: Vec<u32> = hashes.iter().zip(present()).map(find).collect();
        drop(known);
        if numbers.contains(&u32::MAX) {
            let mut packages = system.packages.write().unwrap_or_else(PoisonError::into_inner);
            for (number, package) in numbers.iter_mut().zip(present()).filter(|(number, _)| **number == u32::MAX) {
                *number = self.add(&mut packages, package)?;
            }
        }
        Some(Numbered { system, numbers })
    }

    fn add(&self, packages: &mut Packages, package: PackageText<'_>) -> Option<u32> {
        let before = packages.bytes();
        let room = MOST_TEXT.saturating_sub(self.text.load(Ordering::Relaxed));
        let number = packages.add(package, before + room);
        self.text.fetch_add(packages.bytes() - before, Ordering::Relaxed);
        number
    }

    /// Keeps the list of a machine.
    pub(crate) fn keep(&self, numbered: Numbered) -> Option<SoftwareList> {
        let Numbered { system, mut numbers } = numbered;
        numbers.sort_unstable();
        numbers.dedup();
        self.lists.write().unwrap_or_else(PoisonError::into_inner).keep(system.no, &numbers)
    }

    /// The kind of system and the numbers of a list, ascending; `None` for a list of another table.
    pub(crate) fn read(&self, list: &SoftwareList) -> Option<Numbered> {
        let numbers = self.lists().numbers_of(list)?;
        Some(Numbered { system: self.system_of(list)?, numbers })
    }

    /// The kind of system of a list of this table.
    pub(crate) fn system_of(&self, list: &SoftwareList) -> Option<Arc<System>> {
        self.systems.read().unwrap_or_else(PoisonError::into_inner).all.get(usize::from(list.0.system)).cloned()
    }

    /// All kinds of systems, by number.
    pub(crate) fn systems(&self) -> Vec<Arc<System>> {
        self.systems.read().unwrap_or_else(PoisonError::into_inner).all.clone()
    }

    /// All lists. Nobody can add one while this is held.
    pub(crate) fn lists(&self) -> RwLockReadGuard<'_, Lists> {
        // Only running out of memory panics in there, and that ends the process.
        self.lists.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn system(&self, os: &OperatingSystem) -> Option<Arc<System>> {
        let key = SystemKey { platform: os.platform, release: os.release(), native: os.architecture.clone() };
        {
            let systems = self.systems.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(&at) = systems.places.get(&key) {
                return systems.all.get(usize::from(at)).cloned();
            }
        }
        let mut systems = self.systems.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(&at) = systems.places.get(&key) {
            return systems.all.get(usize::from(at)).cloned();
        }
        let no = u16::try_from(systems.all.len()).ok().filter(|&no| usize::from(no) < MOST_SYSTEMS)?;
        let system = Arc::new(System { no, key: key.clone(), packages: RwLock::default() });
        systems.places.insert(key, no);
        systems.all.push(Arc::clone(&system));
        Some(system)
    }
}

/// The packages of a machine that count: those that are there, and of several versions of one the newest.
pub(crate) fn present(inventory: &Inventory) -> impl Iterator<Item = &Package> {
    let packages = &inventory.packages;
    // Only rpm has several. Inventories are ordered by name and architecture, so that these lie together.
    let scheme = inventory.os.packages().filter(|scheme| *scheme == Scheme::Rpm);
    let is_newest = move |at: usize, package: &Package| {
        let Some(scheme) = scheme else { return true };
        let same = |other: &&Package| other.name == package.name && other.architecture == package.architecture;
        let order = |other: &Package| scheme.compare(&other.version, &package.version);
        let (before, from) = packages.split_at_checked(at).unwrap_or_default();
        // Of two that are equal the later counts.
        before.iter().rev().take_while(same).all(|other| order(other).is_none_or(cmp::Ordering::is_le))
            && from.iter().skip(1).take_while(same).all(|other| order(other).is_none_or(cmp::Ordering::is_lt))
    };
    let counts = move |(at, package): &(usize, &Package)| package.state.counts_as_present() && is_newest(*at, package);
    packages.iter().enumerate().filter(counts).map(|(_, package)| package)
}

#[cfg(test)]
mod tests;
