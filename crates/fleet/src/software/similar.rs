//! Finding a list that is nearly the same, without comparing with all of them.
//!
//! Of each list sixteen samples are kept: every package falls into one of sixteen groups, and the least of each
//! group by a hash is the sample. Two lists that share most packages share most samples (Broder's min-wise
//! hashing with one permutation).

use std::collections::HashMap;

const GROUPS: usize = 16;
/// Lists that are compared in full.
const CANDIDATES: usize = 4;
/// Lists remembered for a sample. A package that does not change for months is in lists of many states of a
/// machine; which of them is nearest is told by the other samples.
const REMEMBERED: usize = 8;
/// Bytes an entry of the map takes, its free room included.
const ENTRY: usize = 2 * (size_of::<Sample>() + size_of::<[u32; REMEMBERED]>());
/// Stands for no list.
const NONE: u32 = u32::MAX;

/// A system, a group, and the least of the group's hashes.
type Sample = (u16, u8, u32);

/// Lists by their samples; of many with the same sample the latest, which come first.
#[derive(Debug, Default)]
pub(super) struct Similar {
    lists: HashMap<Sample, [u32; REMEMBERED]>,
}

impl Similar {
    /// Bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.lists.len() * ENTRY
    }

    /// Notes a list.
    pub(super) fn add(&mut self, system: u16, numbers: &[u32], list: u32) {
        for sample in samples(system, numbers) {
            let lists = self.lists.entry(sample).or_insert([NONE; REMEMBERED]);
            lists.rotate_right(1);
            lists[0] = list;
        }
    }

    /// Lists that may be similar, the best first.
    pub(super) fn to(&self, system: u16, numbers: &[u32]) -> Vec<u32> {
        let found = samples(system, numbers).filter_map(|sample| self.lists.get(&sample)).flatten().copied();
        let mut found: Vec<u32> = found.filter(|&list| list != NONE).collect();
        found.sort_unstable();
        let mut votes: Vec<(usize, u32)> = found.chunk_by(u32::eq).filter_map(|same| Some((same.len(), *same.first()?))).collect();
        votes.sort_unstable_by(|a, b| b.cmp(a));
        votes.into_iter().take(CANDIDATES).map(|(_, list)| list).collect()
    }

    /// Forgets lists that `keep` does not want.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u32) -> bool) {
        for lists in self.lists.values_mut() {
            lists.iter_mut().filter(|list| **list != NONE && !keep(**list)).for_each(|list| *list = NONE);
            lists.sort_by_key(|&list| list == NONE);
        }
        self.lists.retain(|_, lists| lists[0] != NONE);
    }
}

fn samples(system: u16, numbers: &[u32]) -> impl Iterator<Item = Sample> {
    let mut least = [u32::MAX; GROUPS];
    for &number in numbers {
        // Multiplication by an odd number near 2^32 divided by the golden ratio spreads neighbours; the shift
        // brings the well mixed upper half down, so that group and rank do not depend on each other.
        let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9);
        let mixed = (spread ^ (spread >> 15)).wrapping_mul(0x85eb_ca6b);
        let group = usize::try_from(mixed >> 28).unwrap_or(0);
        if let Some(least) = least.get_mut(group) {
            *least = (*least).min(mixed);
        }
    }
    (0_u8..).zip(least).filter(|&(_, least)| least != u32::MAX).map(move |(group, least)| (system, group, least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_the_same_is_found_and_something_else_is_not() {
        let mut similar = Similar::default();
        for list in 0..100_u32 {
            let numbers: Vec<u32> = (0..500).map(|n| list * 10_000 + n * 3).collect();
            similar.add(0, &numbers, list);
        }
        for list in 0..100_u32 {
            let nearly: Vec<u32> = (0..500).filter(|n| n % 20 != 0).map(|n| list * 10_000 + n * 3).collect();
            assert_eq!(similar.to(0, &nearly).first(), Some(&list));
            assert_eq!(similar.to(1, &nearly), Vec::<u32>::new(), "another kind of system");
        }
        similar.retain(|list| list != 7);
        assert!(!similar.to(0, &(0..500).map(|n| 70_000 + n * 3).collect::<Vec<_>>()).contains(&7));
    }
}
