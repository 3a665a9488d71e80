//! Sets of places in a catalog, a bit for each patch: twenty thousand patches are 2.5 kB, so a set is copied,
//! joined and cut in less than a microsecond.

const BITS: usize = u64::BITS as usize;

/// A set of places below a fixed number. Sets that are joined or cut have the same number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Box<[u64]>,
}

impl Bits {
    /// Of `places` places none.
    pub(crate) fn none(places: usize) -> Self {
        Self { words: vec![0; places.div_ceil(BITS)].into() }
    }

    /// All of `places` places.
    pub(crate) fn all(places: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; places.div_ceil(BITS)].into() };
        let over = places % BITS;
        if let Some(last) = bits.words.last_mut().filter(|_| over > 0) {
            *last = (1 << over) - 1;
        }
        bits
    }

    /// Puts a place in. One that is too great is ignored.
    pub(crate) fn insert(&mut self, place: usize) {
        if let Some(word) = self.words.get_mut(place / BITS) {
            *word |= 1 << (place % BITS);
        }
    }

    pub(crate) fn contains(&self, place: usize) -> bool {
        self.words.get(place / BITS).is_some_and(|word| word >> (place % BITS) & 1 == 1)
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many places both have.
    pub(crate) fn overlap(&self, other: &Self) -> usize {
        self.words.iter().zip(&other.words).map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// Keeps what is in both.
    pub(crate) fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what is in the other.
    pub(crate) fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes out what is in the other.
    pub(crate) fn minus(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// All places, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let lowest = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at * BITS + lowest)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn bits(places: &BTreeSet<usize>) -> Bits {
        let mut bits = Bits::none(200);
        places.iter().for_each(|&place| bits.insert(place));
        bits
    }

    proptest! {
        #[test]
        fn they_are_sets(a in proptest::collection::btree_set(0_usize..200, 0..60), b in proptest::collection::btree_set(0_usize..200, 0..60)) {
            let of = |change: fn(&mut Bits, &Bits)| { let mut out = bits(&a); change(&mut out, &bits(&b)); out };
            prop_assert_eq!(of(Bits::and), bits(&(&a & &b)));
            prop_assert_eq!(of(Bits::or), bits(&(&a | &b)));
            prop_assert_eq!(of(Bits::minus), bits(&(&a - &b)));
            prop_assert_eq!(bits(&a).overlap(&bits(&b)), (&a & &b).len());
            prop_assert_eq!(bits(&a).iter().collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(bits(&a).count(), a.len());
            prop_assert!((0..300).all(|place| bits(&a).contains(place) == a.contains(&place)));
        }

        #[test]
        fn all_ends_where_places_end(places in 0_usize..200) {
            prop_assert!(Bits::all(places).iter().eq(0..places));
        }
    }
}
