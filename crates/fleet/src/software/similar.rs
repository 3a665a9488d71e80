//! Finding a list that is nearly the same, without comparing with all of them.
//!
//! Of each list eight samples are kept: every package falls into one of eight groups, and the least of each
//! group by a hash is the sample. Two lists that share most packages share most samples (Broder's min-wise
//! hashing with one permutation).

use std::collections::HashMap;

const GROUPS: usize = 8;
/// Lists that are compared in full; the first is nearly always near enough.
const CANDIDATES: usize = 3;
/// Bytes an entry of the map takes, its free room included.
const ENTRY: usize = 2 * (size_of::<Sample>() + size_of::<u32>());

/// A system, a group, and the least of the group's hashes.
type Sample = (u16, u8, u32);

/// Lists by their samples; of several with the same sample the latest.
#[derive(Debug, Default)]
pub(super) struct Similar {
    lists: HashMap<Sample, u32>,
}

impl Similar {
    /// Bytes it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.lists.len() * ENTRY
    }

    /// Notes a list.
    pub(super) fn add(&mut self, system: u16, numbers: &[u32], list: u32) {
        for sample in samples(system, numbers) {
            self.lists.insert(sample, list);
        }
    }

    /// Lists that may be similar, the best first.
    pub(super) fn to(&self, system: u16, numbers: &[u32]) -> Vec<u32> {
        let mut votes: Vec<(usize, u32)> = Vec::with_capacity(GROUPS);
        for list in samples(system, numbers).filter_map(|sample| self.lists.get(&sample).copied()) {
            match votes.iter_mut().find(|(_, there)| *there == list) {
                Some((votes, _)) => *votes += 1,
                None => votes.push((1, list)),
            }
        }
        votes.sort_unstable_by(|a, b| b.cmp(a));
        votes.into_iter().take(CANDIDATES).map(|(_, list)| list).collect()
    }

    /// Forgets lists that `keep` does not want.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u32) -> bool) {
        self.lists.retain(|_, list| keep(*list));
    }
}

fn samples(system: u16, numbers: &[u32]) -> impl Iterator<Item = Sample> {
    let mut least = [u32::MAX; GROUPS];
    for &number in numbers {
        // Multiplication by an odd number near 2^32 divided by the golden ratio spreads neighbours; the shift
        // brings the well mixed upper half down, so that group and rank do not depend on each other.
        let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9);
        let mixed = (spread ^ (spread >> 15)).wrapping_mul(0x85eb_ca6b);
        let group = usize::try_from(mixed >> 29).unwrap_or(0);
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
