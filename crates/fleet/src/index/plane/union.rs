//! Putting the rows of many planes together.

use super::super::bits;
use super::{LOT, Plane, words_for};

/// A set that is being added to.
#[derive(Debug)]
pub(crate) struct Union {
    words: Vec<u64>,
}

impl Union {
    /// Begins with nothing; takes rows below `rows`.
    pub(crate) fn below(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(bits::WORD).next_multiple_of(LOT)] }
    }

    /// The rows of a plane.
    pub(super) fn of(plane: &Plane) -> Self {
        let mut all = Self { words: Vec::new() };
        all.add(plane);
        all
    }

    /// Adds all rows of a plane.
    pub(crate) fn add(&mut self, plane: &Plane) {
        match plane {
            Plane::Empty => {}
            Plane::Few(rows) => {
                self.reach(rows.last().map_or(0, |&last| words_for(last)));
                rows.iter().for_each(|&row| bits::set(&mut self.words, row));
            }
            Plane::Many(_, words) => {
                self.reach(words.len());
                bits::or_into(&mut self.words, words);
            }
        }
    }

    /// Adds one row.
    pub(crate) fn insert(&mut self, row: u16) {
        self.reach(words_for(row));
        bits::set(&mut self.words, row);
    }

    /// How many rows there are by now.
    pub(crate) fn count(&self) -> u32 {
        bits::count(&self.words)
    }

    /// The words, to be written.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// The words.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The set.
    pub(crate) fn finish(self) -> Plane {
        Plane::of_words(&self.words)
    }

    /// Makes room for so many words.
    pub(super) fn reach(&mut self, words: usize) {
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
    }
}
