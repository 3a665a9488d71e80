//! The table as it comes back from a snapshot.

use super::{Chunk, Lists, MOST_SYSTEMS, MOST_TEXT, Packages, SoftwareList, SoftwareTable, System, SystemKey, Systems};
use crate::snapshot::cursor::{Read, Wrong};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, RwLock};

impl SoftwareTable {
    /// The table of these systems and lists, which keep their numbers.
    pub(crate) fn restore(systems: Vec<(SystemKey, Packages)>, chunks: Vec<Chunk>) -> Read<Self> {
        let text = systems.iter().map(|(_, packages)| packages.bytes()).sum();
        if systems.len() > MOST_SYSTEMS || text > MOST_TEXT {
            return Err(Wrong("there are more packages than any fleet has"));
        }
        let sizes: Vec<usize> = systems.iter().map(|(_, packages)| packages.len()).collect();
        let lists = Lists::restore(chunks, &sizes)?;
        let mut all = Systems::default();
        for (no, (key, packages)) in (0_u16..).zip(systems) {
            if all.places.insert(key.clone(), no).is_some() {
                return Err(Wrong("a kind of system is there twice"));
            }
            all.all.push(Arc::new(System { no, key, packages: RwLock::new(packages) }));
        }
        Ok(Self { systems: RwLock::new(all), text: AtomicUsize::new(text), lists: RwLock::new(lists), ..Self::default() })
    }

    /// All lists by number. Only of a table that was just restored.
    pub(crate) fn all_lists(&self) -> Vec<SoftwareList> {
        self.lists().all()
    }
}
