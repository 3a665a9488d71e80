//! Sets of rows as plain words: bit `row % 64` of word `row / 64`.
//!
//! Slices may differ in length; what is not there is zero. The inner loops are compiled for several
//! generations of processors and the best is chosen when the program runs: counting bits is six times as
//! fast where the processor can do it. They have no closures, which would be compiled for the oldest.

use multiversion::multiversion;

/// Rows of one word.
pub(crate) const WORD: usize = 64;

/// How many bits are set.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn count(words: &[u64]) -> u32 {
    let mut sum = 0;
    for word in words {
        sum += word.count_ones();
    }
    sum
}

/// How many bits both have.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn count_and(a: &[u64], b: &[u64]) -> u32 {
    let mut sum = 0;
    for (a, b) in a.iter().zip(b) {
        sum += (a & b).count_ones();
    }
    sum
}

/// How many bits a set has with each of several masks, which are as long as it and lie one behind the other.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn count_each(words: &[u64], masks: &[u64], counts: &mut [u32]) {
    for (mask, count) in masks.chunks_exact(words.len().max(1)).zip(counts) {
        let mut sum = 0;
        for (a, b) in words.iter().zip(mask) {
            sum += (a & b).count_ones();
        }
        *count = sum;
    }
}

/// Turns rows into columns: bit `c` of word `r` becomes bit `r` of word `c` (Warren, Hacker's Delight, 7-3).
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn transpose(square: &mut [u64; WORD]) {
    let mut width = WORD / 2;
    let mut mask = u64::MAX >> width;
    while width > 0 {
        for pair in square.chunks_exact_mut(2 * width) {
            let (low, high) = pair.split_at_mut(width);
            for (a, b) in low.iter_mut().zip(high) {
                let swap = ((*a >> width) ^ *b) & mask;
                *a ^= swap << width;
                *b ^= swap;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

/// Keeps what `other` has as well, and counts what is left.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn and_into(words: &mut [u64], other: &[u64]) -> u32 {
    let mut left = 0;
    for (word, other) in words.iter_mut().zip(other) {
        *word &= other;
        left += word.count_ones();
    }
    if let Some(rest) = words.get_mut(other.len()..) {
        rest.fill(0);
    }
    left
}

/// Takes out what `other` has, and counts what is left.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn minus_into(words: &mut [u64], other: &[u64]) -> u32 {
    let mut left = 0;
    for (word, other) in words.iter_mut().zip(other) {
        *word &= !other;
        left += word.count_ones();
    }
    for word in words.iter().skip(other.len()) {
        left += word.count_ones();
    }
    left
}

/// [`and_into`] without counting.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn keep(words: &mut [u64], other: &[u64]) {
    for (word, other) in words.iter_mut().zip(other) {
        *word &= other;
    }
    if let Some(rest) = words.get_mut(other.len()..) {
        rest.fill(0);
    }
}

/// [`minus_into`] without counting.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn drop(words: &mut [u64], other: &[u64]) {
    for (word, other) in words.iter_mut().zip(other) {
        *word &= !other;
    }
}

/// Adds what `other` has, as far as `words` reaches.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn or_into(words: &mut [u64], other: &[u64]) {
    for (word, other) in words.iter_mut().zip(other) {
        *word |= other;
    }
}

/// How many rows of a list are in the set.
pub(crate) fn count_list(words: &[u64], rows: &[u16]) -> u32 {
    rows.iter().map(|&row| u32::from(contains(words, row))).sum()
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

/// Sums the numbers of the rows that are in the set; a word for every sixty-four numbers.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn sum(words: &[u64], numbers: &[u16]) -> u64 {
    let (groups, _) = numbers.as_chunks::<WORD>();
    let mut sum = 0;
    for (word, group) in words.iter().zip(groups) {
        let mut part = 0_u32;
        for (bit, &number) in (0_u32..).zip(group) {
            // All ones or zero: a number that counts, or one that does not.
            part += u32::from(number) & 0_u32.wrapping_sub((word >> bit & 1) as u32);
        }
        sum += u64::from(part);
    }
    sum
}

/// How many of the rows in the set have a number above zero.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn count_above_zero(words: &[u64], numbers: &[u16]) -> u64 {
    let (groups, _) = numbers.as_chunks::<WORD>();
    let mut sum = 0;
    for (word, group) in words.iter().zip(groups) {
        let mut part = 0_u32;
        for (bit, &number) in (0_u32..).zip(group) {
            part += u32::from(number > 0) & (word >> bit) as u32 & 1;
        }
        sum += u64::from(part);
    }
    sum
}

/// The least and the greatest number.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx512dq+avx512vpopcntdq+popcnt+bmi1+bmi2",
    "x86_64+avx2+popcnt+bmi1+bmi2",
    "x86_64+sse4.2+popcnt",
    "aarch64+neon"
))]
pub(crate) fn extremes(numbers: &[u16]) -> (u16, u16) {
    let (mut least, mut greatest) = (u16::MAX, 0);
    for &number in numbers {
        least = least.min(number);
        greatest = greatest.max(number);
    }
    (least, greatest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_become_columns(rows in proptest::array::uniform32(any::<u64>())) {
            let mut square = [0; WORD];
            square[16..48].copy_from_slice(&rows);
            let before = square;
            transpose(&mut square);
            for (row, column) in (0..WORD).flat_map(|row| (0..WORD).map(move |column| (row, column))) {
                prop_assert_eq!(before[row] >> column & 1, square[column] >> row & 1);
            }
        }
    }

    #[test]
    fn each_mask_counts_its_own() {
        let mut counts = [9; 3];
        count_each(&[0b1011, u64::MAX], &[0b0011, 1, 0, 0, u64::MAX, u64::MAX], &mut counts);
        assert_eq!(counts, [3, 0, 67]);
        count_each(&[], &[], &mut counts);
    }
}
