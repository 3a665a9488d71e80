//! A field of texts, turned inside out: from words to values to patches.

use super::bits::Bits;
use super::lists::Lists;
use fettle_query::text::{TextMatch, Word, fold, words};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The values of one field.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// Different folded values, ascending.
    values: Vec<Box<str>>,
    /// One way each value is written.
    written: Vec<Box<str>>,
    /// Places of the patches that have a value.
    holders: Lists,
    /// Different words of all values, ascending.
    vocabulary: Vec<Box<str>>,
    /// Values that have a word; a value that has it twice is there once.
    mentions: Lists,
    /// The words of a value, in its order.
    sequences: Lists,
}

/// What a field's values are collected in before they are turned.
#[derive(Debug, Default)]
pub(crate) struct TextsBuilder {
    /// Way of writing and places by folded value. Of several ways the least counts.
    values: BTreeMap<String, (String, Vec<u32>)>,
}

impl TextsBuilder {
    /// Notes that the patch at a place has a value. Places come in ascending order.
    pub(crate) fn add(&mut self, place: u32, value: &str) {
        let (written, places) = self.values.entry(fold(value)).or_insert_with(|| (value.to_owned(), Vec::new()));
        if value < written.as_str() {
            value.clone_into(written);
        }
        if places.last() != Some(&place) {
            places.push(place);
        }
    }

    pub(crate) fn build(self) -> Texts {
        let vocabulary: BTreeSet<&str> = self.values.keys().flat_map(|value| words(value)).collect();
        let vocabulary: Vec<Box<str>> = vocabulary.into_iter().map(Box::from).collect();
        let number = |word: &str| vocabulary.binary_search_by(|other| (**other).cmp(word)).ok().and_then(|at| u32::try_from(at).ok());
        let mut sequences = Vec::new();
        let mut holders = Vec::new();
        for (value, (text, (_, places))) in (0_u32..).zip(&self.values) {
            sequences.extend(words(text).filter_map(number).map(|word| (value, word)));
            holders.extend(places.iter().map(|&place| (value, place)));
        }
        let mut mentions: Vec<(u32, u32)> = sequences.iter().map(|&(value, word)| (word, value)).collect();
        mentions.sort_unstable();
        mentions.dedup();
        Texts {
            holders: Lists::of(self.values.len(), &holders),
            mentions: Lists::of(vocabulary.len(), &mentions),
            sequences: Lists::of(self.values.len(), &sequences),
            vocabulary,
            written: self.values.values().map(|(written, _)| written.as_str().into()).collect(),
            values: self.values.into_keys().map(Box::from).collect(),
        }
    }
}

/// The words of the vocabulary that a word of a pattern stands for.
enum Wanted {
    /// Neighbours, since they begin alike.
    Span(Range<usize>),
    /// Those with their bit set.
    Some(Range<usize>, Bits),
}

impl Wanted {
    fn has(&self, word: u32) -> bool {
        match self {
            Self::Span(span) => span.contains(&(word as usize)),
            Self::Some(span, some) => span.contains(&(word as usize)) && some.contains(word as usize),
        }
    }
}

impl Texts {
    /// Adds the places of all patches with a value that matches.
    pub(crate) fn matching(&self, text: &TextMatch, out: &mut Bits) {
        match text {
            TextMatch::Exact(exact) => {
                if let Ok(value) = self.values.binary_search_by(|value| (**value).cmp(exact)) {
                    self.add_holders(value, out);
                }
            }
            // All of no words are there; no pattern that people write is like this.
            TextMatch::Words(pattern) if pattern.is_empty() => (0..self.values.len()).for_each(|value| self.add_holders(value, out)),
            TextMatch::Words(pattern) => {
                let wanted: Vec<Wanted> = pattern.iter().map(|word| self.wanted(word, false)).collect();
                self.add_values(&wanted, |words| wanted.iter().all(|wanted| words.iter().any(|&word| wanted.has(word))), out);
            }
            TextMatch::Phrase(pattern) => {
                let last = pattern.len().saturating_sub(1);
                let wanted: Vec<Wanted> = pattern.iter().enumerate().map(|(at, word)| self.wanted(word, at < last)).collect();
                let adjacent = |window: &[u32]| window.iter().zip(&wanted).all(|(&word, wanted)| wanted.has(word));
                self.add_values(&wanted, |words| words.windows(wanted.len()).any(adjacent), out);
            }
        }
    }

    /// Adds holders of the values that pass, looking only at those that have the rarest word. With one word
    /// everything found that way passes.
    fn add_values(&self, wanted: &[Wanted], passes: impl Fn(&[u32]) -> bool, out: &mut Bits) {
        let rarest = wanted.iter().min_by_key(|wanted| match wanted {
            Wanted::Span(span) | Wanted::Some(span, _) => self.mentions.span(span.clone()).len(),
        });
        let mut look = |values: &[u32]| {
            for &value in values {
                if wanted.len() == 1 || passes(self.sequences.row(value as usize)) {
                    self.add_holders(value as usize, out);
                }
            }
        };
        match rarest {
            None => {}
            Some(Wanted::Span(span)) => look(self.mentions.span(span.clone())),
            Some(Wanted::Some(_, some)) => some.iter().for_each(|word| look(self.mentions.row(word))),
        }
    }

    fn wanted(&self, word: &Word, whole: bool) -> Wanted {
        let start = word.parts.first().map_or("", String::as_str);
        match word.parts.as_slice() {
            [exact] if whole => {
                let found = self.vocabulary.binary_search_by(|other| (**other).cmp(exact));
                Wanted::Span(found.map_or(0..0, |at| at..at + 1))
            }
            [_] => Wanted::Span(self.beginning_with(start)),
            _ => {
                let span = self.beginning_with(start);
                let mut some = Bits::none(self.vocabulary.len());
                let those = self.vocabulary.get(span.clone()).unwrap_or_default().iter().enumerate();
                those.filter(|(_, other)| word.matches_whole(other)).for_each(|(at, _)| some.insert(span.start + at));
                Wanted::Some(span, some)
            }
        }
    }

    fn beginning_with(&self, start: &str) -> Range<usize> {
        let first = self.vocabulary.partition_point(|word| &**word < start);
        let behind = self.vocabulary.get(first..).unwrap_or_default().partition_point(|word| word.starts_with(start));
        first..first + behind
    }

    fn add_holders(&self, value: usize, out: &mut Bits) {
        self.holders.row(value).iter().for_each(|&place| out.insert(place as usize));
    }

    /// Folded values, ascending.
    pub(crate) fn values(&self) -> &[Box<str>] {
        &self.values
    }

    /// Each value as it is written, with its patches.
    pub(crate) fn holders(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.written.iter().enumerate().map(|(value, written)| (&**written, self.holders.row(value)))
    }
}
