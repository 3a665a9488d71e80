//! A field of texts, turned inside out: from words to values to patches.

use super::bits::Bits;
use super::lists::Lists;
use super::strings::Strings;
use fettle_query::text::{TextMatch, Word, fold, words};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// The values of one field.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// Different folded values.
    values: Strings,
    /// One way each value is written.
    written: Vec<Box<str>>,
    /// Places of the patches that have a value.
    holders: Lists,
    /// Different words of all values.
    vocabulary: Strings,
    /// Values that have a word; a value that has it twice is there once.
    mentions: Lists,
    /// The words of a value, in its order.
    sequences: Lists,
}

/// What a field's values are collected in before they are turned.
#[derive(Debug, Default)]
pub(crate) struct TextsBuilder<'a> {
    /// A folded value, its patch, and how it is written.
    values: Vec<(Cow<'a, str>, u32, Cow<'a, str>)>,
}

impl<'a> TextsBuilder<'a> {
    /// Notes that the patch at a place has a value.
    pub(crate) fn add(&mut self, place: u32, written: Cow<'a, str>) {
        self.values.push((fold(&written).into(), place, written));
    }

    pub(crate) fn build(mut self) -> Texts {
        self.values.sort_unstable();
        let mut values: Vec<&str> = Vec::new();
        let mut written: Vec<&str> = Vec::new();
        let mut holders: Vec<(u32, u32)> = Vec::new();
        for (value, place, way) in &self.values {
            if values.last() != Some(&&**value) {
                values.push(value);
                written.push(way);
            }
            // Of several ways to write it the least counts.
            if let Some(least) = written.last_mut().filter(|least| &**way < **least) {
                *least = way;
            }
            let pair = (number(values.len() - 1), *place);
            if holders.last() != Some(&pair) {
                holders.push(pair);
            }
        }
        let (vocabulary, sequences) = vocabulary(&values);
        let mut mentions: Vec<(u32, u32)> = sequences.iter().map(|&(value, word)| (word, value)).collect();
        mentions.sort_unstable();
        mentions.dedup();
        Texts {
            holders: Lists::of(values.len(), &holders),
            mentions: Lists::of(vocabulary.len(), &mentions),
            sequences: Lists::of(values.len(), &sequences),
            vocabulary,
            written: written.into_iter().map(Box::from).collect(),
            values: Strings::of(values),
        }
    }
}

/// The different words of some values, and the words of each value in its order.
fn vocabulary(values: &[&str]) -> (Strings, Vec<(u32, u32)>) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut sequences = Vec::new();
    for (value, text) in (0_u32..).zip(values) {
        for word in words(text) {
            let next = number(numbers.len());
            sequences.push((value, *numbers.entry(word).or_insert(next)));
        }
    }
    let mut sorted: Vec<(&str, u32)> = numbers.into_iter().collect();
    sorted.sort_unstable();
    // From the order in which words were met to that of the alphabet.
    let mut ranks = vec![0; sorted.len()];
    for (rank, &(_, met)) in (0_u32..).zip(&sorted) {
        if let Some(slot) = ranks.get_mut(met as usize) {
            *slot = rank;
        }
    }
    for (_, word) in &mut sequences {
        *word = ranks.get(*word as usize).copied().unwrap_or(*word);
    }
    (Strings::of(sorted.into_iter().map(|(word, _)| word)), sequences)
}

/// A position as it is kept in lists. Values and words of a catalog are far fewer than four billion.
fn number(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
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
                self.values.find(exact).into_iter().for_each(|value| self.add_holders(value, out));
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
        match word.parts.as_slice() {
            [exact] if whole => Wanted::Span(self.vocabulary.find(exact).map_or(0..0, |at| at..at + 1)),
            [start] => Wanted::Span(self.vocabulary.beginning_with(start)),
            parts => {
                let span = self.vocabulary.beginning_with(parts.first().map_or("", String::as_str));
                let longest = parts.iter().map(String::as_str).max_by_key(|part| part.len()).unwrap_or_default();
                let mut some = Bits::none(self.vocabulary.len());
                let mut note = |at: usize| {
                    if word.matches_whole(self.vocabulary.get(at)) {
                        some.insert(at);
                    }
                };
                // Of most patterns with wildcards at both ends few words hold the longest part.
                match longest {
                    "" => span.clone().for_each(&mut note),
                    longest => self.vocabulary.holding(span.clone(), longest).for_each(&mut note),
                }
                Wanted::Some(span, some)
            }
        }
    }

    fn add_holders(&self, value: usize, out: &mut Bits) {
        self.holders.row(value).iter().for_each(|&place| out.insert(place as usize));
    }

    /// Folded values, ascending.
    pub(crate) fn values(&self) -> &Strings {
        &self.values
    }

    /// Each value as it is written, with its patches.
    pub(crate) fn holders(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.written.iter().enumerate().map(|(value, written)| (&**written, self.holders.row(value)))
    }
}
