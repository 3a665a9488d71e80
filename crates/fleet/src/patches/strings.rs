//! Many sorted texts in one piece of memory.

use std::ops::Range;

/// What stands behind every text. Folded words and values may hold it, but a word that is looked for does not.
const SEPARATOR: char = '\n';

/// Different texts, ascending.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    text: String,
    /// Where each text begins, and where the next one would.
    starts: Vec<usize>,
}

impl Strings {
    /// Of texts that ascend.
    pub(crate) fn of<'a>(sorted: impl IntoIterator<Item = &'a str>) -> Self {
        let mut strings = Self { text: String::new(), starts: vec![0] };
        for text in sorted {
            strings.text.push_str(text);
            strings.text.push(SEPARATOR);
            strings.starts.push(strings.text.len());
        }
        strings
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The text at a position; empty behind the last.
    pub(crate) fn get(&self, at: usize) -> &str {
        let bounds = self.starts.get(at).zip(self.starts.get(at + 1));
        bounds.and_then(|(&start, &end)| self.text.get(start..end - SEPARATOR.len_utf8())).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Where a text is.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        let at = self.first(0..self.len(), |other| other >= text);
        (at < self.len() && self.get(at) == text).then_some(at)
    }

    /// Those that begin with a text.
    pub(crate) fn beginning_with(&self, start: &str) -> Range<usize> {
        let first = self.first(0..self.len(), |other| other >= start);
        first..self.first(first..self.len(), |other| !other.starts_with(start))
    }

    /// Positions of those among `range` that hold a part; ascending, without repetition. `part` is not empty and
    /// holds no line break.
    pub(crate) fn holding(&self, range: Range<usize>, part: &str) -> impl Iterator<Item = usize> {
        let start = self.starts.get(range.start).copied().unwrap_or(self.text.len());
        let end = self.starts.get(range.end).copied().unwrap_or(self.text.len());
        let within = self.text.get(start..end).unwrap_or_default();
        let mut behind = range.start;
        // One search through all texts at once is many times faster than one search for each.
        within.match_indices(part).filter_map(move |(at, _)| {
            let place = start + at;
            if self.starts.get(behind).is_some_and(|&next| place < next) {
                return None;
            }
            let later = self.starts.get(behind..).unwrap_or_default();
            let found = behind + later.partition_point(|&start| start <= place) - 1;
            behind = found + 1;
            Some(found)
        })
    }

    /// The first position in a range whose text passes, where those that pass stand last.
    fn first(&self, range: Range<usize>, passes: impl Fn(&str) -> bool) -> usize {
        let (mut start, mut end) = (range.start, range.end);
        while start < end {
            let middle = start + (end - start) / 2;
            if passes(self.get(middle)) {
                end = middle;
            } else {
                start = middle + 1;
            }
        }
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_are_found_as_in_a_list(texts in proptest::collection::btree_set("[ab]{0,4}", 0..20), part in "[ab]{1,3}") {
            let list: Vec<&str> = texts.iter().map(String::as_str).collect();
            let strings = Strings::of(list.iter().copied());
            prop_assert!(strings.iter().eq(list.iter().copied()));
            prop_assert_eq!(strings.find(&part), list.iter().position(|text| *text == part));
            let those = |passes: &dyn Fn(&str) -> bool| (0..list.len()).filter(|&at| passes(list[at])).collect::<Vec<_>>();
            prop_assert_eq!(strings.beginning_with(&part).collect::<Vec<_>>(), those(&|text| text.starts_with(&part)));
            prop_assert_eq!(strings.holding(0..list.len(), &part).collect::<Vec<_>>(), those(&|text| text.contains(&part)));
            let from = list.len() / 2;
            let later: Vec<usize> = those(&|text| text.contains(&part)).into_iter().filter(|&at| at >= from).collect();
            prop_assert_eq!(strings.holding(from..list.len(), &part).collect::<Vec<_>>(), later);
        }
    }
}
