//! Lists of package numbers as bytes: whole, or as the difference from another list.
//!
//! Numbers are LEB128. An ascending list is its length, then the distances. A difference is the ascending
//! places in the base that are left out, then the ascending numbers that are added. These bytes are made and
//! read by this crate only; bytes that end early read as a shorter list.

/// Appends an ascending list without repetition.
pub(super) fn write_list(bytes: &mut Vec<u8>, list: &[u32]) {
    write_number(bytes, u32::try_from(list.len()).unwrap_or(u32::MAX));
    let mut next = 0;
    for &number in list {
        write_number(bytes, number.saturating_sub(next));
        next = number.saturating_add(1);
    }
}

fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Reads the ascending list at the start of `bytes`.
#[derive(Debug, Clone)]
pub(super) struct Ascending<'a> {
    bytes: &'a [u8],
    left: u32,
    next: u32,
}

impl<'a> Ascending<'a> {
    pub(super) fn new(mut bytes: &'a [u8]) -> Self {
        let left = read_number(&mut bytes).unwrap_or(0);
        Self { bytes, left, next: 0 }
    }

    /// How many numbers are left.
    pub(super) fn left(&self) -> usize {
        // Each takes a byte at least, so a damaged length cannot ask for more room than its bytes do.
        usize::try_from(self.left).unwrap_or(usize::MAX).min(self.bytes.len())
    }

    /// What follows the list. Reads it to its end.
    fn rest(mut self) -> &'a [u8] {
        while self.next().is_some() {}
        self.bytes
    }
}

impl Iterator for Ascending<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let number = self.next.wrapping_add(read_number(&mut self.bytes)?);
        self.next = number.wrapping_add(1);
        Some(number)
    }
}

#[inline]
fn read_number(bytes: &mut &[u8]) -> Option<u32> {
    let (&first, rest) = bytes.split_first()?;
    *bytes = rest;
    let mut number = u32::from(first & 0x7f);
    let mut byte = first;
    let mut shift = 7;
    while byte >= 0x80 && shift < 32 {
        let (&next, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(next & 0x7f) << shift;
        byte = next;
        shift += 7;
    }
    Some(number)
}

/// The difference of two ascending lists.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Places in the base whose numbers are not in the list.
    left_out: Vec<u32>,
    /// Numbers of the list that are not in the base.
    added: Vec<u32>,
}

impl Difference {
    /// What makes `list` of `base`; `None` as soon as it is more than `most` numbers.
    pub(super) fn between(base: &[u32], list: &[u32], most: usize) -> Option<Self> {
        let mut difference = Self::default();
        let (mut at, mut list) = (0, list.iter().copied().peekable());
        while at < base.len() || list.peek().is_some() {
            match (base.get(at), list.peek()) {
                (Some(there), Some(wanted)) if there == wanted => {
                    at += 1;
                    list.next();
                }
                (Some(there), wanted) if wanted.is_none_or(|wanted| there < wanted) => {
                    difference.left_out.push(u32::try_from(at).ok()?);
                    at += 1;
                }
                _ => difference.added.extend(list.next()),
            }
            if difference.len() > most {
                return None;
            }
        }
        Some(difference)
    }

    /// How many numbers it is.
    pub(super) fn len(&self) -> usize {
        self.left_out.len() + self.added.len()
    }

    /// Its bytes, for [`Changes`].
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        write_list(bytes, &self.left_out);
        write_list(bytes, &self.added);
    }
}

/// A stored difference, read as it goes.
#[derive(Debug, Clone)]
pub(crate) struct Changes<'a> {
    bytes: &'a [u8],
}

impl<'a> Changes<'a> {
    /// No change at all.
    pub(super) const NONE: Changes<'static> = Changes { bytes: &[0, 0] };

    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Calls `left_out` with each place in the base that is left out, then `added` with each number that is added.
    #[inline]
    pub(crate) fn each(&self, mut left_out: impl FnMut(u32), mut added: impl FnMut(u32)) {
        let mut places = Ascending::new(self.bytes);
        for place in places.by_ref() {
            left_out(place);
        }
        Ascending::new(places.bytes).for_each(&mut added);
    }

    /// The list that it makes of `base`, ascending, into `list`.
    pub(super) fn apply(&self, base: &[u32], list: &mut Vec<u32>) {
        let mut left_out = Ascending::new(self.bytes);
        let mut added = Ascending::new(left_out.clone().rest());
        list.clear();
        list.reserve(base.len() + added.left());
        let (mut skip, mut extra) = (left_out.next(), added.next());
        for (place, &number) in (0_u32..).zip(base) {
            while let Some(smaller) = extra.filter(|&extra| extra < number) {
                list.push(smaller);
                extra = added.next();
            }
            if skip == Some(place) {
                skip = left_out.next();
            } else {
                list.push(number);
            }
        }
        list.extend(extra.into_iter().chain(added));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn list() -> impl Strategy<Value = Vec<u32>> {
        let number = prop_oneof![4 => 0_u32..60, 1 => any::<u32>(), 1 => Just(u32::MAX)];
        proptest::collection::btree_set(number, 0..50).prop_map(|set: BTreeSet<u32>| set.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_list_is_what_was_written(list in list(), behind in list()) {
            let mut bytes = Vec::new();
            write_list(&mut bytes, &list);
            write_list(&mut bytes, &behind);
            let first = Ascending::new(&bytes);
            prop_assert_eq!(first.left(), list.len());
            prop_assert_eq!(first.clone().collect::<Vec<_>>(), list);
            prop_assert_eq!(Ascending::new(first.rest()).collect::<Vec<_>>(), behind);
        }

        #[test]
        fn a_difference_leads_from_one_list_to_the_other(base in list(), list in list()) {
            let difference = Difference::between(&base, &list, usize::MAX).expect("no limit");
            let changed = difference.left_out.len() + difference.added.len();
            prop_assert!(Difference::between(&base, &list, changed).is_some());
            if changed > 0 {
                prop_assert!(Difference::between(&base, &list, changed - 1).is_none());
            }
            let mut bytes = Vec::new();
            difference.write(&mut bytes);
            let (mut made, mut told) = (vec![7], BTreeSet::from_iter(base.clone()));
            Changes::new(&bytes).apply(&base, &mut made);
            prop_assert_eq!(&made, &list);
            let mut added = Vec::new();
            Changes::new(&bytes).each(|place| _ = told.remove(&base[place as usize]), |number| added.push(number));
            told.extend(added);
            prop_assert_eq!(told.into_iter().collect::<Vec<_>>(), list);
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut list = Vec::new();
            Changes::new(&bytes).apply(&[1, 2, 3], &mut list);
            prop_assert!(list.len() <= 3 + bytes.len());
        }
    }

    #[test]
    fn nothing_changes_nothing() {
        let mut list = Vec::new();
        Changes::NONE.apply(&[3, 9], &mut list);
        assert_eq!(list, [3, 9]);
    }
}
