//! Sets of rows as plain words: bit `row % 64` of word `row / 64`.
//!
//! Slices may differ in length; what is not there is zero. The loops are written so that the compiler turns
//! them into wide instructions.

/// Rows of one word.
pub(crate) const WORD: usize = 64;

/// How many bits are set.
pub(crate) fn count(words: &[u64]) -> u32 {
    words.iter().map(|word| word.count_ones()).sum()
}

/// How many bits both have.
pub(crate) fn count_and(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum()
}

/// Keeps what `other` has as well; `words` becomes no longer.
pub(crate) fn and_into(words: &mut [u64], other: &[u64]) {
    words.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
    if let Some(rest) = words.get_mut(other.len()..) {
        rest.fill(0);
    }
}

/// Takes out what `other` has.
pub(crate) fn minus_into(words: &mut [u64], other: &[u64]) {
    words.iter_mut().zip(other).for_each(|(word, other)| *word &= !other);
}

/// Adds what `other` has, as far as `words` reaches.
pub(crate) fn or_into(words: &mut [u64], other: &[u64]) {
    words.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
}

/// Whether a row is in the set.
pub(crate) fn contains(words: &[u64], row: u16) -> bool {
    words.get(usize::from(row) / WORD).is_some_and(|word| word >> (usize::from(row) % WORD) & 1 == 1)
}

/// Puts a row in. Rows beyond the end are left out.
pub(crate) fn set(words: &mut [u64], row: u16) {
    if let Some(word) = words.get_mut(usize::from(row) / WORD) {
        *word |= 1 << (usize::from(row) % WORD);
    }
}

/// Takes a row out.
pub(crate) fn clear(words: &mut [u64], row: u16) {
    if let Some(word) = words.get_mut(usize::from(row) / WORD) {
        *word &= !(1 << (usize::from(row) % WORD));
    }
}

/// The rows of one word, ascending.
pub(crate) fn rows_of(at: usize, word: u64) -> impl Iterator<Item = u16> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        let bit = rest.trailing_zeros() as usize;
        rest &= rest - 1;
        // Segments have fewer rows than a u16 counts.
        u16::try_from(at * WORD + bit).ok()
    })
}

/// All rows, ascending.
pub(crate) fn rows(words: &[u64]) -> impl Iterator<Item = u16> {
    words.iter().enumerate().flat_map(|(at, &word)| rows_of(at, word))
}
