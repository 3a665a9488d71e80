//! Sets of patches.

use super::bits::Bits;
use super::numbering::Numbering;
use fettle_model::ids::PatchNo;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A set of patches of one catalog, ascending by number.
///
/// Sets are equal when they hold the same numbers, also when they were made from different catalogs: what was
/// computed for a set stays right when a new catalog makes the same one. Hashing reads a stored number;
/// comparing a set with itself, as a look-up usually does, compares two addresses.
#[derive(Debug, Clone, Default)]
pub struct PatchSet {
    numbering: Arc<Numbering>,
    places: Bits,
    len: usize,
    hash: u64,
}

impl PatchSet {
    pub(crate) fn new(numbering: Arc<Numbering>, places: Bits) -> Self {
        let mut set = Self { len: places.count(), hash: 0, numbering, places };
        // A sum, so that the rounds do not wait for each other.
        set.hash = set.iter().fold(0, |hash, no| hash.wrapping_add(mix(u64::from(no.0))));
        set
    }

    /// Whether a patch is in it.
    #[must_use]
    pub fn contains(&self, no: PatchNo) -> bool {
        self.numbering.place(no).is_some_and(|place| self.places.contains(place))
    }

    /// All numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = PatchNo> {
        self.places.iter().filter_map(|place| self.numbering.number(place))
    }

    /// How many patches it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Its patches as places in the catalog it was made from.
    pub(crate) fn places(&self) -> &Bits {
        &self.places
    }
}

/// One round of splitmix64: every bit of the input changes half of the output's.
fn mix(hash: u64) -> u64 {
    let hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

impl PartialEq for PatchSet {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || (self.hash == other.hash
                && self.len == other.len
                && if Arc::ptr_eq(&self.numbering, &other.numbering) { self.places == other.places } else { self.iter().eq(other.iter()) })
    }
}

impl Eq for PatchSet {}

impl Hash for PatchSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u32], chosen: &[usize]) -> PatchSet {
        let numbering = Arc::new(Numbering::of(numbers.iter().copied().map(PatchNo).collect()));
        let mut places = Bits::none(numbers.len());
        chosen.iter().for_each(|&place| places.insert(place));
        PatchSet::new(numbering, places)
    }

    #[test]
    fn equal_numbers_make_equal_sets_whatever_the_catalog() {
        let (one, other) = (set(&[1, 5, 9], &[1, 2]), set(&[5, 7, 9, 11], &[0, 2]));
        assert_eq!(one, other);
        assert_eq!(one.hash, other.hash);
        assert_ne!(one, set(&[1, 5, 9], &[0, 2]));
        assert_ne!(one, set(&[1, 5, 9], &[0, 1, 2]));
        assert_eq!(one.iter().collect::<Vec<_>>(), [PatchNo(5), PatchNo(9)]);
        assert_eq!((one.len(), one.is_empty()), (2, false));
        assert!(one.contains(PatchNo(9)) && !one.contains(PatchNo(1)) && !one.contains(PatchNo(7)));
    }
}
