//! Values that nearly every row has of its own, laid one behind the other for searching.
//!
//! A search for `web` looks for these letters in all names of a segment as in one text, and asks the pattern only
//! where they stand, instead of unpacking card by card. Each column is made when it is first
//! asked for, and again after a row's value changed.

use super::packed::{Address, Packed};
use super::plane::{Plane, Union};
use super::segment::Segment;
use fettle_query::text::{TextMatch, fold};
use memchr::memmem;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// Ends a value. Folded texts of cards hold no control characters, and one that did would only be found less often.
const END: u8 = 0;

/// Values of one field by row, folded. Rows without a value have none, rows with several have each.
#[derive(Debug)]
pub(crate) struct Texts {
    text: Vec<u8>,
    /// Where each value ends.
    ends: Vec<u32>,
    /// Whose value it is; ascending.
    rows: Vec<u16>,
}

/// The fields whose values are kept this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextField {
    Name,
    User,
    Serial,
    Mac,
}

const FIELDS: usize = 4;

/// What was made of one segment so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnValues {
    texts: [OnceLock<Arc<Texts>>; FIELDS],
    addresses: OnceLock<Arc<[(IpAddr, u16)]>>,
}

impl OwnValues {
    /// Forgets what a row's new card makes wrong.
    pub(crate) fn forget(&mut self, old: Option<Packed<'_>>, new: Option<Packed<'_>>) {
        let (Some(old), Some(new)) = (old, new) else {
            *self = Self::default();
            return;
        };
        let mut forget = |field: TextField| {
            if let Some(texts) = self.texts.get_mut(field as usize) {
                *texts = OnceLock::new();
            }
        };
        if old.folded != new.folded {
            forget(TextField::Name);
        }
        if old.user != new.user {
            forget(TextField::User);
        }
        if old.interface_bytes() != new.interface_bytes() {
            forget(TextField::Serial);
            forget(TextField::Mac);
            self.addresses = OnceLock::new();
        }
    }

    /// The values of a field in a segment, which is the one these are kept in.
    pub(crate) fn texts(&self, segment: &Segment, field: TextField) -> Option<&Texts> {
        self.texts.get(field as usize).map(|texts| &**texts.get_or_init(|| Arc::new(Texts::of(segment, field))))
    }

    /// All addresses in a segment, with their rows.
    pub(crate) fn addresses(&self, segment: &Segment) -> &[(IpAddr, u16)] {
        self.addresses.get_or_init(|| {
            let all = segment.live.iter().flat_map(|row| {
                let interfaces = segment.packed(row).and_then(|card| card.interfaces());
                let addresses = interfaces.into_iter().flat_map(|interfaces| interfaces.addresses);
                addresses.filter_map(|address| address.ip()).map(move |ip| (ip.to_canonical(), row)).collect::<Vec<_>>()
            });
            all.collect()
        })
    }
}

impl Texts {
    fn of(segment: &Segment, field: TextField) -> Self {
        let mut texts = Self { text: Vec::new(), ends: Vec::new(), rows: Vec::new() };
        for row in segment.live.iter() {
            let Some(card) = segment.packed(row) else { continue };
            match field {
                TextField::Name => texts.push(row, card.folded),
                TextField::User => texts.push(row, &fold(card.user.unwrap_or_default())),
                TextField::Serial => texts.push(row, &card.interfaces().map(|there| fold(there.serial)).unwrap_or_default()),
                TextField::Mac => {
                    let macs = card.interfaces().map(|there| there.macs).unwrap_or_default();
                    macs.iter().map(Address::to_string).for_each(|mac| texts.push(row, &fold(&mac)));
                }
            }
        }
        texts
    }

    fn push(&mut self, row: u16, folded: &str) {
        if folded.is_empty() {
            return;
        }
        self.text.extend_from_slice(folded.as_bytes());
        self.text.push(END);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.rows.push(row);
    }

    /// Rows with any value.
    pub(crate) fn present(&self) -> Plane {
        let mut rows = Union::below(0);
        self.rows.iter().for_each(|&row| rows.insert(row));
        rows.finish()
    }

    /// Rows with a value that matches.
    pub(crate) fn search(&self, wanted: &TextMatch) -> Plane {
        let letters = letters(wanted);
        let mut rows = Union::below(0);
        if letters.is_empty() {
            let matching = (0..self.rows.len()).filter(|&value| self.matches(value, wanted));
            matching.filter_map(|value| self.rows.get(value)).for_each(|&row| rows.insert(row));
            return rows.finish();
        }
        let finder = memmem::Finder::new(letters);
        let (mut from, mut value) = (0, 0);
        while let Some(at) = self.text.get(from..).and_then(|rest| finder.find(rest)) {
            value = self.value_at(from + at, value);
            if self.matches(value, wanted) {
                self.rows.get(value).into_iter().for_each(|&row| rows.insert(row));
            }
            // One hit in a value is enough to have asked the pattern.
            from = self.end(value);
            value += 1;
        }
        rows.finish()
    }

    /// The value that holds a byte; it is not before `least`.
    fn value_at(&self, byte: usize, least: usize) -> usize {
        // Hits lie near each other when there are many, and far apart when there are few.
        let mut step = 1;
        let mut low = least;
        while self.end(low + step) <= byte {
            low += step;
            step *= 2;
        }
        let ends = self.ends.get(low..self.ends.len().min(low + step + 1)).unwrap_or_default();
        low + ends.partition_point(|&end| usize::try_from(end).is_ok_and(|end| end <= byte))
    }

    fn end(&self, value: usize) -> usize {
        self.ends.get(value).and_then(|&end| usize::try_from(end).ok()).unwrap_or(usize::MAX)
    }

    fn matches(&self, value: usize, wanted: &TextMatch) -> bool {
        let start = value.checked_sub(1).map_or(0, |before| self.end(before));
        let folded = self.text.get(start..self.end(value).saturating_sub(1)).and_then(|bytes| std::str::from_utf8(bytes).ok());
        folded.is_some_and(|folded| wanted.matches_folded(folded))
    }
}

/// The longest run of letters that every matching value holds; empty when there is none.
fn letters(wanted: &TextMatch) -> &[u8] {
    match wanted {
        TextMatch::Exact(text) => text.as_bytes(),
        TextMatch::Words(words) | TextMatch::Phrase(words) => {
            words.iter().flat_map(|word| &word.parts).max_by_key(|part| part.len()).map_or(&[], |part| part.as_bytes())
        }
    }
}
