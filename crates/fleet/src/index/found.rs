//! The findings of one row, by column, as bytes.
//!
//! Missing and installed each are a list of distances or a bit set, whichever is shorter: a few missing
//! patches are a list, hundreds of installed ones are bits.

use super::varint;

/// Findings of one row by column, both lists ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) missing: Vec<u32>,
    pub(crate) installed: Vec<u32>,
}

/// Most columns a segment may have: ten times what any vendor publishes for all its products, few enough that
/// damaged bytes cannot fill the memory.
pub(crate) const MOST_COLUMNS: u32 = 1 << 20;

impl Found {
    /// Reads what a row misses, which comes first in it, into a list that may be used again. `None` as for [`Found::read`].
    pub(crate) fn read_missing(mut bytes: &[u8], missing: &mut Vec<u32>, columns: u32) -> Option<()> {
        missing.clear();
        if bytes.is_empty() { Some(()) } else { read_list(&mut bytes, missing, columns) }
    }

    /// Reads a row into lists that may be used again. `None` when the bytes are no row, or name a column from
    /// `columns` on. No bytes at all are a row without findings.
    pub(crate) fn read(&mut self, mut bytes: &[u8], columns: u32) -> Option<()> {
        self.missing.clear();
        self.installed.clear();
        if bytes.is_empty() {
            return Some(());
        }
        read_list(&mut bytes, &mut self.missing, columns)?;
        read_list(&mut bytes, &mut self.installed, columns)?;
        bytes.is_empty().then_some(())
    }
}

/// Reads a row as two sets of bits, which are empty before and have a word for every sixty-four columns. `None` as
/// [`Found::read`] says, and when there are more bits than words.
pub(crate) fn read_words(mut bytes: &[u8], columns: u32, missing: &mut [u64], installed: &mut [u64]) -> Option<()> {
    if bytes.is_empty() {
        return Some(());
    }
    for words in [missing, installed] {
        let head = varint::read(&mut bytes)?;
        let len = usize::try_from(head / 2).ok()?;
        if head % 2 == 1 {
            copy_bits(varint::read_bytes(&mut bytes, len)?, words, columns)?;
            continue;
        }
        let mut next = 0_u32;
        for _ in 0..len {
            let column = next.checked_add(read_short(&mut bytes)?).filter(|&column| column < columns)?;
            *words.get_mut(usize::try_from(column / 64).ok()?)? |= 1 << (column % 64);
            next = column + 1;
        }
    }
    bytes.is_empty().then_some(())
}

fn copy_bits(bytes: &[u8], words: &mut [u64], columns: u32) -> Option<()> {
    let (whole, tail) = bytes.as_chunks::<8>();
    let (to, behind) = words.split_at_mut_checked(whole.len())?;
    to.iter_mut().zip(whole).for_each(|(word, bytes)| *word = u64::from_le_bytes(*bytes));
    let last = tail.iter().rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    match behind.first_mut() {
        Some(word) => *word = last,
        None if last != 0 => return None,
        None => {}
    }
    let beyond = words.last().filter(|_| !columns.is_multiple_of(64)).map_or(0, |word| word >> (columns % 64));
    (beyond == 0).then_some(())
}

/// Appends a row's bytes: what it misses and has, a bit for each column.
pub(crate) fn write(bytes: &mut Vec<u8>, missing: &[u64], installed: &[u64]) {
    write_words(bytes, missing);
    write_words(bytes, installed);
}

/// Appends one of the two lists of a row, of which there is a bit for each column.
fn write_words(bytes: &mut Vec<u8>, words: &[u64]) {
    let count: usize = words.iter().map(|word| word.count_ones() as usize).sum();
    let mut used = words.iter().rposition(|&word| word != 0).map_or(0, |at| 8 * (at + 1));
    used -= words.get((used / 8).saturating_sub(1)).filter(|_| used > 0).map_or(0, |last| last.leading_zeros() as usize / 8);
    // A column of a list takes at least a byte.
    if count < used + 3 {
        let start = bytes.len();
        varint::write(bytes, 2 * u64::try_from(count).unwrap_or(0));
        let mut next = 0;
        for (from, &word) in (0_u32..).step_by(64).zip(words) {
            let mut left = word;
            while left != 0 {
                let column = from + left.trailing_zeros();
                varint::write(bytes, u64::from(column - next));
                next = column + 1;
                left &= left - 1;
            }
        }
        if bytes.len() - start <= used + 3 {
            return;
        }
        bytes.truncate(start);
    }
    varint::write(bytes, 2 * u64::try_from(used).unwrap_or(0) + 1);
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()).take(used));
}

fn read_list(bytes: &mut &[u8], list: &mut Vec<u32>, columns: u32) -> Option<()> {
    let head = varint::read(bytes)?;
    let len = usize::try_from(head / 2).ok()?;
    if head % 2 == 1 {
        read_bits(varint::read_bytes(bytes, len)?, list);
    } else {
        // Each column takes at least a byte.
        list.reserve(len.min(bytes.len()));
        let mut next = 0_u32;
        for _ in 0..len {
            let column = next.checked_add(read_short(bytes)?)?;
            list.push(column);
            next = column.checked_add(1)?;
        }
    }
    list.last().is_none_or(|&last| last < columns).then_some(())
}

/// A number that is mostly one byte long.
fn read_short(bytes: &mut &[u8]) -> Option<u32> {
    match bytes.split_first() {
        Some((&byte, rest)) if byte < 0x80 => {
            *bytes = rest;
            Some(u32::from(byte))
        }
        _ => varint::read_u32(bytes),
    }
}

fn read_bits(bytes: &[u8], list: &mut Vec<u32>) {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut from = 0;
    let tail = rest.iter().rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain([tail]) {
        let mut left = word;
        while left != 0 {
            list.push(from + left.trailing_zeros());
            left &= left - 1;
        }
        from += 64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list() -> impl Strategy<Value = Vec<u32>> {
        let dense = proptest::collection::btree_set(0_u32..300, 0..200);
        let wide = proptest::collection::btree_set(0_u32..100_000, 0..40);
        prop_oneof![dense, wide].prop_map(|set| set.into_iter().collect())
    }

    fn written(found: &Found) -> Vec<u8> {
        let mut bytes = Vec::new();
        let words = [&found.missing, &found.installed].map(|list| {
            let mut words = vec![0_u64; 1_563];
            list.iter().for_each(|column| words[*column as usize / 64] |= 1 << (column % 64));
            words
        });
        write(&mut bytes, &words[0], &words[1]);
        bytes
    }

    proptest! {
        #[test]
        fn there_and_back(missing in list(), installed in list()) {
            let found = Found { missing, installed };
            let bytes = written(&found);
            let mut read = Found::default();
            prop_assert_eq!(read.read(&bytes, 100_000), Some(()));
            prop_assert_eq!(&read, &found);
            let (mut missing, mut installed) = (vec![0; 1_563], vec![0; 1_563]);
            prop_assert_eq!(read_words(&bytes, 100_000, &mut missing, &mut installed), Some(()));
            let columns = |words: &[u64]| (0..).zip(words).flat_map(|(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| 64 * at + bit)).collect::<Vec<u32>>();
            prop_assert_eq!(&Found { missing: columns(&missing), installed: columns(&installed) }, &found);
            for cut in 1..bytes.len() {
                prop_assert!(read.read(&bytes[..cut], 100_000).is_none());
            }
        }

        #[test]
        fn any_bytes_are_a_row_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut read = Found::default();
            let words = read_words(&bytes, 500, &mut [0; 8], &mut [0; 8]);
            let list = read.read(&bytes, 500);
            prop_assert!(words.is_none() || list.is_some());
            if list.is_some() {
                prop_assert!(read.missing.is_sorted() && read.installed.iter().all(|&column| column < 500));
            }
        }
    }

    #[test]
    fn many_findings_are_shorter_than_a_byte_each() {
        let found = Found { missing: (0..150).map(|n| n * 16).collect(), installed: (0..2_400).filter(|n| n % 4 == 1).collect() };
        let bytes = written(&found);
        assert!(bytes.len() < 468, "{}", bytes.len());
    }
}
