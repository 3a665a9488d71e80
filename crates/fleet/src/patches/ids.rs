//! The order of ids, which decides between rows that are otherwise equal.

use crate::catalog::Entry;
use std::sync::Arc;

/// Places by id and back.
#[derive(Debug, Default)]
pub(crate) struct IdOrder {
    /// Places of patches, ascending by id.
    sorted: Vec<u32>,
    /// By place: how many ids are less.
    ranks: Vec<u32>,
}

impl IdOrder {
    pub(crate) fn of(entries: &[Arc<Entry>]) -> Self {
        let mut sorted: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
        sorted.sort_unstable_by_key(|&place| entries.get(place as usize).map(|entry| &entry.patch.id));
        let mut ranks = vec![0; sorted.len()];
        for (rank, &place) in (0_u32..).zip(&sorted) {
            if let Some(slot) = ranks.get_mut(place as usize) {
                *slot = rank;
            }
        }
        Self { sorted, ranks }
    }

    /// How many ids are less than that of the patch at a place.
    pub(crate) fn rank(&self, place: usize) -> u32 {
        self.ranks.get(place).copied().unwrap_or(u32::MAX)
    }

    /// How many ids are less than a text, and whether the next one is that text.
    pub(crate) fn seek(&self, entries: &[Arc<Entry>], id: &str) -> (u32, bool) {
        let at = |place: u32| entries.get(place as usize).map_or("", |entry| entry.patch.id.as_str());
        let rank = self.sorted.partition_point(|&place| at(place) < id);
        let exact = self.sorted.get(rank).is_some_and(|&place| at(place) == id);
        (u32::try_from(rank).unwrap_or(u32::MAX), exact)
    }
}
