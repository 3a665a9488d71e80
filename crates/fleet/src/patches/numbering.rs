//! From patch numbers to dense places and back.

use fettle_model::ids::PatchNo;

/// Most slots of the table per patch. The store gives numbers in sequence and lets go of few, so the table is
/// dense; a catalog of scattered numbers is searched instead, and needs no memory for the gaps.
const SLOTS_PER_PATCH: usize = 8;

/// Slots that are always allowed, so that small catalogs have a table whatever their numbers.
const SLOTS_AT_LEAST: usize = 4_096;

/// The numbers of a catalog. The place of a number is how many lesser ones there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbering {
    /// Ascending.
    numbers: Vec<PatchNo>,
    /// Place by number, [`Self::NOWHERE`] in gaps. Empty when the numbers are too scattered.
    places: Vec<u32>,
}

impl Numbering {
    const NOWHERE: u32 = u32::MAX;

    /// Of numbers that ascend.
    pub(crate) fn of(numbers: Vec<PatchNo>) -> Self {
        let slots = numbers.last().and_then(|last| usize::try_from(last.0).ok()).map_or(0, |last| last.saturating_add(1));
        let most = numbers.len().saturating_mul(SLOTS_PER_PATCH).max(SLOTS_AT_LEAST);
        let mut places = vec![Self::NOWHERE; if slots <= most { slots } else { 0 }];
        for (place, no) in (0_u32..).zip(&numbers) {
            if let Some(slot) = usize::try_from(no.0).ok().and_then(|at| places.get_mut(at)) {
                *slot = place;
            }
        }
        Self { numbers, places }
    }

    /// The place of a number.
    pub(crate) fn place(&self, no: PatchNo) -> Option<usize> {
        if self.places.is_empty() {
            return self.numbers.binary_search(&no).ok();
        }
        let place = *self.places.get(usize::try_from(no.0).ok()?)?;
        usize::try_from(place).ok().filter(|_| place != Self::NOWHERE)
    }

    /// The number at a place.
    pub(crate) fn number(&self, place: usize) -> Option<PatchNo> {
        self.numbers.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_in_dense_and_scattered_numbers() {
        for numbers in [vec![], vec![0], vec![3, 4, 9], vec![1, 70_000, u32::MAX]] {
            let numbering = Numbering::of(numbers.iter().copied().map(PatchNo).collect());
            for (place, &no) in numbers.iter().enumerate() {
                assert_eq!(numbering.place(PatchNo(no)), Some(place));
                assert_eq!(numbering.number(place), Some(PatchNo(no)));
            }
            for absent in [2, 5, 69_999, u32::MAX - 1] {
                assert_eq!(numbering.place(PatchNo(absent)), None);
            }
            assert_eq!(numbering.number(numbers.len()), None);
        }
    }
}
