//! A set of rows of one segment: for one value, one patch, one answer.

mod union;

pub(crate) use union::Union;

use super::bits;
use std::sync::Arc;

/// Words that are counted at a time: as many as stay in the nearest cache with those of all conditions.
const COUNTED: usize = 128;
/// Most rows that are put into a list one by one: more are quicker written as bits and read from there.
const SINGLY: usize = 16;
/// Words come in lots of eight, a cache line.
const LOT: usize = 8;

/// A set of rows that knows its size and is shared until somebody changes it.
///
/// Few rows are kept as a list, many as bits: whichever is smaller. A list is left for bits when it has grown
/// larger than they are, and bits for a list at half of that, so that a set at the border does not swing.
#[derive(Debug, Clone, Default)]
pub(crate) enum Plane {
    /// No rows.
    #[default]
    Empty,
    /// Rows, ascending.
    Few(Arc<[u16]>),
    /// Bits, and how many are set.
    Many(u32, Arc<[u64]>),
}

/// Bytes of bits that reach to this row, as many rows as a list of that size holds.
fn list_limit(last: u16) -> usize {
    4 * words_for(last)
}

/// Words that hold this row, in whole lots.
fn words_for(last: u16) -> usize {
    (usize::from(last) / bits::WORD + 1).next_multiple_of(LOT)
}

impl Plane {
    /// The rows of a list, ascending.
    pub(crate) fn of_rows(rows: &[u16]) -> Self {
        let Some(&last) = rows.last() else { return Self::Empty };
        if rows.len() <= list_limit(last) {
            return Self::Few(rows.into());
        }
        let mut words = vec![0; words_for(last)];
        rows.iter().for_each(|&row| bits::set(&mut words, row));
        Self::Many(u32::try_from(rows.len()).unwrap_or(u32::MAX), words.into())
    }

    /// The rows of some words, to be kept: whichever form is smaller.
    pub(crate) fn of_words(words: &[u64]) -> Self {
        let used = words.iter().rposition(|&word| word != 0).map_or(0, |at| (at + 1).next_multiple_of(LOT).min(words.len()));
        Self::answer(words.get(..used).unwrap_or_default().into())
    }

    /// The rows of some words, as an answer that is soon forgotten: few rows are a list, so that what follows
    /// costs no more than they are.
    pub(crate) fn answer(words: Arc<[u64]>) -> Self {
        let count = bits::count(&words);
        Self::counted(count, words)
    }

    fn counted(count: u32, words: Arc<[u64]>) -> Self {
        match usize::try_from(count).unwrap_or(usize::MAX) {
            0 => Self::Empty,
            few if few <= words.len() / 2 => Self::Few(bits::rows(&words).collect::<Vec<u16>>().into()),
            _ => Self::Many(count, words),
        }
    }

    /// The same rows as bits, however few they are.
    pub(crate) fn as_bits(&self) -> Self {
        match self {
            Self::Few(rows) => {
                let mut words = vec![0; rows.last().map_or(0, |&last| words_for(last))];
                rows.iter().for_each(|&row| bits::set(&mut words, row));
                Self::Many(self.count(), words.into())
            }
            Self::Empty | Self::Many(..) => self.clone(),
        }
    }

    /// Rows of one of several planes, as bits: copied once, and never made a list.
    pub(crate) fn union_as_bits(planes: &[&Self]) -> Self {
        let reach = |plane: &Self| match plane {
            Self::Many(_, words) => words.len(),
            few => few.last().map_or(0, words_for),
        };
        let Some((longest, first)) = planes.iter().enumerate().max_by_key(|(_, plane)| reach(plane)) else { return Self::Empty };
        let Self::Many(_, mut words) = first.as_bits() else { return Self::Empty };
        let own = Arc::make_mut(&mut words);
        for (_, plane) in planes.iter().enumerate().filter(|(at, _)| *at != longest) {
            match plane {
                Self::Empty => {}
                Self::Few(rows) => rows.iter().for_each(|&row| bits::set(own, row)),
                Self::Many(_, others) => bits::or_into(own, others),
            }
        }
        Self::Many(bits::count(own), words)
    }

    /// How many rows.
    pub(crate) fn count(&self) -> u32 {
        match self {
            Self::Empty => 0,
            Self::Few(rows) => u32::try_from(rows.len()).unwrap_or(u32::MAX),
            Self::Many(count, _) => *count,
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether a row is in it.
    pub(crate) fn contains(&self, row: u16) -> bool {
        match self {
            Self::Empty => false,
            Self::Few(rows) => rows.binary_search(&row).is_ok(),
            Self::Many(_, words) => bits::contains(words, row),
        }
    }

    /// The greatest row.
    pub(crate) fn last(&self) -> Option<u16> {
        match self {
            Self::Empty => None,
            Self::Few(rows) => rows.last().copied(),
            Self::Many(_, words) => {
                let at = words.iter().rposition(|&word| word != 0)?;
                bits::rows_of(at, *words.get(at)?).last()
            }
        }
    }

    /// All rows, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        let (rows, words): (&[u16], &[u64]) = match self {
            Self::Empty => (&[], &[]),
            Self::Few(rows) => (rows, &[]),
            Self::Many(_, words) => (&[], words),
        };
        rows.iter().copied().chain(bits::rows(words))
    }

    /// Puts a row in.
    pub(crate) fn insert(&mut self, row: u16) {
        match self {
            Self::Empty => *self = Self::Few([row].into()),
            Self::Few(rows) => {
                let Err(at) = rows.binary_search(&row) else { return };
                let (before, behind) = rows.split_at(at);
                let grown: Vec<u16> = [before, &[row], behind].concat();
                *self = Self::of_rows(&grown);
            }
            Self::Many(count, words) => {
                if bits::contains(words, row) {
                    return;
                }
                let needed = words_for(row);
                if words.len() < needed {
                    *words = words.iter().copied().chain(std::iter::repeat_n(0, needed - words.len())).collect();
                }
                bits::set(Arc::make_mut(words), row);
                *count += 1;
            }
        }
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, row: u16) {
        match self {
            Self::Empty => {}
            Self::Few(rows) => {
                let Ok(at) = rows.binary_search(&row) else { return };
                let (before, behind) = rows.split_at(at);
                let left = [before, behind.get(1..).unwrap_or_default()].concat();
                *self = if left.is_empty() { Self::Empty } else { Self::Few(left.into()) };
            }
            Self::Many(count, words) => {
                if !bits::contains(words, row) {
                    return;
                }
                bits::clear(Arc::make_mut(words), row);
                *count -= 1;
                if usize::try_from(*count).unwrap_or(usize::MAX) < 2 * words.len() {
                    *self = Self::Few(bits::rows(words).collect());
                }
            }
        }
    }

    /// Puts a row in or takes it out.
    pub(crate) fn put(&mut self, row: u16, is_in: bool) {
        if is_in { self.insert(row) } else { self.remove(row) }
    }

    /// Puts rows in and takes rows out, in this order.
    pub(crate) fn change(&mut self, rows: &[(u16, bool)]) {
        if let [(row, is_in)] = rows {
            return self.put(*row, *is_in);
        }
        let last = rows.iter().map(|(row, _)| *row).max().unwrap_or(0);
        if let Self::Many(count, words) = self {
            if words.len() < words_for(last) {
                let grown = words_for(last) - words.len();
                *words = words.iter().copied().chain(std::iter::repeat_n(0, grown)).collect();
            }
            let words = Arc::make_mut(words);
            for &(row, is_in) in rows {
                write(words, row, is_in);
            }
            *count = bits::count(words);
            if usize::try_from(*count).unwrap_or(usize::MAX) < 2 * words.len() {
                let rows: Vec<u16> = bits::rows(words).collect();
                *self = few(rows);
            }
            return;
        }
        if let Self::Few(list) = self
            && rows.len() <= SINGLY
        {
            let mut list = list.to_vec();
            for &(row, is_in) in rows {
                match list.binary_search(&row) {
                    Err(at) if is_in => list.insert(at, row),
                    Ok(at) if !is_in => drop(list.remove(at)),
                    _ => {}
                }
            }
            *self = Self::of_rows(&list);
            return;
        }
        let mut union = Union::of(&std::mem::take(self));
        union.reach(words_for(last));
        for &(row, is_in) in rows {
            write(union.words_mut(), row, is_in);
        }
        *self = Self::of_rows(&bits::rows(union.words()).collect::<Vec<u16>>());
    }

    /// Rows of both.
    pub(crate) fn and(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Empty, _) | (_, Self::Empty) => Self::Empty,
            (Self::Few(rows), Self::Few(others)) => few(common(&rows, others).collect()),
            (Self::Few(rows), Self::Many(_, words)) => few(among(&rows, words)),
            (Self::Many(_, words), Self::Few(rows)) => few(among(rows, &words)),
            (Self::Many(_, mut words), Self::Many(_, others)) => {
                let left = bits::and_into(Arc::make_mut(&mut words), others);
                Self::counted(left, words)
            }
        }
    }

    /// Rows of this one that the other has not.
    pub(crate) fn minus(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Empty, _) => Self::Empty,
            (own, Self::Empty) => own,
            (Self::Few(rows), Self::Few(others)) => {
                let mut common = common(&rows, others).peekable();
                few(rows.iter().copied().filter(|row| common.next_if_eq(row).is_none()).collect())
            }
            (Self::Few(rows), Self::Many(_, words)) => few(rows.iter().copied().filter(|&row| !bits::contains(words, row)).collect()),
            (Self::Many(_, mut words), Self::Few(rows)) => {
                let own = Arc::make_mut(&mut words);
                rows.iter().for_each(|&row| bits::clear(own, row));
                Self::answer(words)
            }
            (Self::Many(_, mut words), Self::Many(_, others)) => {
                let left = bits::minus_into(Arc::make_mut(&mut words), others);
                Self::counted(left, words)
            }
        }
    }

    /// Rows that are in all planes marked `true` and in none marked `false`: counted once, and never kept in between.
    pub(crate) fn all_of(self, others: &[(&Self, bool)]) -> Self {
        match self {
            Self::Empty => Self::Empty,
            Self::Few(rows) => {
                few(rows.iter().copied().filter(|&row| others.iter().all(|(plane, is_in)| plane.contains(row) == *is_in)).collect())
            }
            Self::Many(_, mut words) => {
                let own = Arc::make_mut(&mut words);
                for (plane, is_in) in others {
                    match (plane, is_in) {
                        (Self::Many(_, others), true) => bits::keep(own, others),
                        (Self::Many(_, others), false) => bits::drop(own, others),
                        (Self::Few(rows), false) => rows.iter().for_each(|&row| bits::clear(own, row)),
                        (Self::Few(_) | Self::Empty, true) => return Self::answer(words).and(plane).all_of(others),
                        (Self::Empty, false) => {}
                    }
                }
                Self::answer(words)
            }
        }
    }

    /// How many rows [`Plane::all_of`] gives; nothing is made for it.
    pub(crate) fn count_all_of(&self, others: &[(&Self, bool)]) -> u32 {
        let words = match self {
            Self::Empty => return 0,
            Self::Few(rows) => {
                let passes = |row: &&u16| others.iter().all(|(plane, is_in)| plane.contains(**row) == *is_in);
                return u32::try_from(rows.iter().filter(passes).count()).unwrap_or(u32::MAX);
            }
            Self::Many(_, words) => words,
        };
        // Lists are shorter than the bits: one that must hold is walked instead of them.
        if let Some((list, _)) = others.iter().find(|(plane, is_in)| *is_in && !matches!(plane, Self::Many(..))) {
            return list.count_all_of(&[others, &[(self, true)]].concat());
        }
        let mut buffer = [0; COUNTED];
        let parts = words.chunks(COUNTED).enumerate().map(|(at, words)| {
            let from = at * COUNTED;
            let part = buffer.get_mut(..words.len()).unwrap_or_default();
            part.iter_mut().zip(words).for_each(|(own, word)| *own = *word);
            for (plane, is_in) in others {
                match (plane, is_in) {
                    (Self::Many(_, others), true) => bits::keep(part, others.get(from..).unwrap_or_default()),
                    (Self::Many(_, others), false) => bits::drop(part, others.get(from..).unwrap_or_default()),
                    (few, _) => few.rows_between(from, words.len()).iter().for_each(|&row| {
                        if let Some(word) = part.get_mut(usize::from(row) / bits::WORD - from) {
                            *word &= !(1 << (usize::from(row) % bits::WORD));
                        }
                    }),
                }
            }
            bits::count(part)
        });
        parts.sum()
    }

    /// The rows of a list that lie in so many words from one on.
    fn rows_between(&self, from: usize, words: usize) -> &[u16] {
        let Self::Few(rows) = self else { return &[] };
        let word = |row: &u16| usize::from(*row) / bits::WORD;
        let rows = rows.get(rows.partition_point(|row| word(row) < from)..).unwrap_or_default();
        rows.get(..rows.partition_point(|row| word(row) < from + words)).unwrap_or_default()
    }

    /// Rows of either.
    pub(crate) fn or(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Empty, other) => other.clone(),
            (own, Self::Empty) => own,
            (Self::Few(a), Self::Few(b)) => {
                let mut rows = [&*a, &**b].concat();
                rows.sort_unstable();
                rows.dedup();
                Self::of_rows(&rows)
            }
            (Self::Many(_, mut words), Self::Many(_, others)) if others.len() <= words.len() => {
                bits::or_into(Arc::make_mut(&mut words), others);
                Self::answer(words)
            }
            (own, other) => {
                let mut all = Union::of(&own);
                all.add(other);
                all.finish()
            }
        }
    }

    /// How many rows both have.
    pub(crate) fn count_and(&self, other: &Self) -> u32 {
        match (self, other) {
            (Self::Empty, _) | (_, Self::Empty) => 0,
            (Self::Few(a), Self::Few(b)) => u32::try_from(common(a, b).count()).unwrap_or(u32::MAX),
            (Self::Few(rows), Self::Many(_, words)) | (Self::Many(_, words), Self::Few(rows)) => bits::count_list(words, rows),
            (Self::Many(_, a), Self::Many(_, b)) => bits::count_and(a, b),
        }
    }
}

fn write(words: &mut [u64], row: u16, is_in: bool) {
    if is_in { bits::set(words, row) } else { bits::clear(words, row) }
}

fn few(rows: Vec<u16>) -> Plane {
    if rows.is_empty() { Plane::Empty } else { Plane::Few(rows.into()) }
}

fn among(rows: &[u16], words: &[u64]) -> Vec<u16> {
    rows.iter().copied().filter(|&row| bits::contains(words, row)).collect()
}

/// A list is searched for the rows of a shorter one when it is this many times as long.
const SEARCHED: usize = 16;

/// What two lists have in common, ascending.
fn common<'a>(a: &'a [u16], b: &'a [u16]) -> impl Iterator<Item = u16> + 'a {
    let (short, mut long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let is_much_longer = long.len() / SEARCHED > short.len();
    short.iter().copied().filter(move |row| {
        let skipped =
            if is_much_longer { long.partition_point(|other| other < row) } else { long.iter().take_while(|other| *other < row).count() };
        long = long.get(skipped..).unwrap_or_default();
        long.first() == Some(row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn rows() -> impl Strategy<Value = BTreeSet<u16>> {
        let few = proptest::collection::btree_set(0_u16..20_000, 0..40);
        let many = (0_u16..20_000, 1_u16..8, 0_u16..16_000).prop_map(|(from, step, len)| (from..from + len).step_by(step.into()).collect());
        prop_oneof![few, many]
    }

    fn plane(rows: &BTreeSet<u16>) -> Plane {
        Plane::of_rows(&rows.iter().copied().collect::<Vec<u16>>())
    }

    proptest! {
        #[test]
        fn meeting_planes_is_asking_each_row(first in rows(), others in proptest::collection::vec((rows(), any::<bool>()), 0..4)) {
            let planes: Vec<(Plane, bool)> = others.iter().map(|(rows, is_in)| (plane(rows), *is_in)).collect();
            let planes: Vec<(&Plane, bool)> = planes.iter().map(|(plane, is_in)| (plane, *is_in)).collect();
            let passes = |row: &u16| others.iter().all(|(rows, is_in)| rows.contains(row) == *is_in);
            let expected: Vec<u16> = first.iter().copied().filter(passes).collect();
            for start in [plane(&first), plane(&first).as_bits()] {
                prop_assert_eq!(start.count_all_of(&planes), u32::try_from(expected.len()).expect("few"));
                prop_assert_eq!(start.all_of(&planes).iter().collect::<Vec<_>>(), expected.clone());
            }
            let union: BTreeSet<u16> = others.iter().flat_map(|(rows, _)| rows.iter().copied()).collect();
            let made = Plane::union_as_bits(&planes.iter().map(|(plane, _)| *plane).collect::<Vec<_>>());
            prop_assert_eq!(made.count() as usize, union.len());
            prop_assert_eq!(made.iter().collect::<BTreeSet<u16>>(), union);
        }
    }
}
