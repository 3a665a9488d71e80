//! Chance that repeats: the same seed and words give the same numbers, on every machine and in every release.
//!
//! Every decision draws from a stream of its own, named by words (`"machine"`, number, `"site"`), so that a
//! new decision somewhere does not shift all the others.

use fettle_model::clock::Entropy;
use sha2::{Digest, Sha256};
use std::sync::{Mutex, PoisonError};

/// A stream of numbers (SplitMix64; Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream that a seed and some words name.
    #[must_use]
    pub fn of(seed: u64, words: &[&str]) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        for word in words {
            hash.update((word.len() as u64).to_le_bytes());
            hash.update(word.as_bytes());
        }
        let digest: [u8; 32] = hash.finalize().into();
        Self(digest.first_chunk::<8>().map_or(seed, |bytes| u64::from_le_bytes(*bytes)))
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        // The bias of the remainder is far below anything a demo shows.
        self.draw().checked_rem(end).unwrap_or(0)
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True in `percent` of 100 cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A number from 0 to below 1.
    pub fn fraction(&mut self) -> f64 {
        // The 53 bits that a double can tell apart.
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of several; the first when there is a choice of none is `None`.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from.get(index)
    }

    /// One of several, each with its weight.
    pub fn weighted<'a, T>(&mut self, from: &'a [(u64, T)]) -> Option<&'a T> {
        let mut ticket = self.below(from.iter().map(|(weight, _)| weight).sum());
        from.iter().find_map(|(weight, value)| {
            if ticket < *weight {
                return Some(value);
            }
            ticket -= weight;
            None
        })
    }
}

/// Entropy that repeats, for tests and for keys that must be the same at every start of a simulation.
#[derive(Debug)]
pub struct Repeating(Mutex<Chance>);

impl Repeating {
    /// Entropy from a stream.
    #[must_use]
    pub fn new(chance: Chance) -> Self {
        Self(Mutex::new(chance))
    }
}

impl Entropy for Repeating {
    fn fill(&self, bytes: &mut [u8]) {
        let mut chance = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let number = chance.draw().to_le_bytes();
            chunk.iter_mut().zip(number).for_each(|(to, from)| *to = from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_numbers() {
        let draw = |seed, words: &[&str]| {
            (0..4).map(move |_| 0).scan(Chance::of(seed, words), |chance, _: i32| Some(chance.draw())).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, &["a", "b"]), draw(1, &["a", "b"]));
        assert_ne!(draw(1, &["a", "b"]), draw(2, &["a", "b"]));
        assert_ne!(draw(1, &["a", "b"]), draw(1, &["ab"]));
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::of(7, &["weights"]);
        let from = [(9, 'a'), (1, 'b'), (0, 'c')];
        let drawn: Vec<char> = (0..1_000).filter_map(|_| chance.weighted(&from).copied()).collect();
        let share = |wanted| drawn.iter().filter(|got| **got == wanted).count();
        assert_eq!((drawn.len(), share('c')), (1_000, 0));
        assert!((850..950).contains(&share('a')), "{}", share('a'));
    }

    #[test]
    fn a_choice_of_none_is_none() {
        let mut chance = Chance::of(7, &[]);
        assert_eq!((chance.pick::<u8>(&[]), chance.weighted::<u8>(&[]), chance.below(0)), (None, None, 0));
        assert_eq!(chance.between(3, 3), 3);
    }
}
