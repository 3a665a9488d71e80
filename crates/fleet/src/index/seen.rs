//! When agents were last heard from: cells that a check-in writes while others read them.
//!
//! Whole seconds, two in a word. A question about them reads the cells of all assets, so that their size is what it
//! takes; nobody needs to know of a check-in more exactly.

use super::numbers::{BLOCK, NEVER};
use std::sync::atomic::{AtomicU64, Ordering};

const NANOSECONDS: i64 = 1_000_000_000;
/// The second that a cell of 1 stands for, less one: cells begin with 1970 in UTC and reach to 2106.
const EPOCH: i64 = -1;
/// A cell nobody wrote.
const EMPTY: u32 = 0;

/// The cells of one block.
#[derive(Debug)]
pub(crate) struct Seen(Box<[AtomicU64]>);

impl Default for Seen {
    fn default() -> Self {
        Self((0..BLOCK / 2).map(|_| AtomicU64::new(0)).collect())
    }
}

/// The cell for a moment: its second, or the nearest that a cell can hold.
fn cell(moment: i64) -> u32 {
    if moment == NEVER { EMPTY } else { u32::try_from((moment.div_euclid(NANOSECONDS) - EPOCH).max(1)).unwrap_or(u32::MAX) }
}

fn moment(cell: u32) -> i64 {
    if cell == EMPTY { NEVER } else { (i64::from(cell) + EPOCH) * NANOSECONDS }
}

/// Both cells of a word, the lower place first.
fn halves(word: u64) -> [u32; 2] {
    let low = u32::try_from(word & u64::from(u32::MAX)).unwrap_or(EMPTY);
    let high = u32::try_from(word >> 32).unwrap_or(EMPTY);
    [low, high]
}

fn word([low, high]: [u32; 2]) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

impl Seen {
    /// The cells of these moments, in the order of rows.
    pub(crate) fn of(moments: impl IntoIterator<Item = i64>) -> Self {
        let seen = Self::default();
        moments.into_iter().enumerate().for_each(|(at, moment)| seen.note(at, moment));
        seen
    }

    /// The moment in a cell, [`NEVER`] when there is none.
    pub(crate) fn get(&self, at: usize) -> i64 {
        let Some(both) = self.0.get(at / 2) else { return NEVER };
        moment(halves(both.load(Ordering::Relaxed))[at % 2])
    }

    /// All moments, in the order of rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = i64> {
        self.0.iter().flat_map(|both| halves(both.load(Ordering::Relaxed))).map(moment)
    }

    /// Writes a moment. An older one than is there changes nothing.
    pub(crate) fn note(&self, at: usize, moment: i64) {
        let (Some(both), new) = (self.0.get(at / 2), cell(moment)) else { return };
        let mut before = both.load(Ordering::Relaxed);
        loop {
            let mut cells = halves(before);
            let own = &mut cells[at % 2];
            if new <= *own {
                return;
            }
            *own = new;
            match both.compare_exchange_weak(before, word(cells), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    /// All cells, each as it was at some moment of the call.
    pub(crate) fn cells(&self) -> [u32; BLOCK] {
        let mut cells = [EMPTY; BLOCK];
        let (pairs, _) = cells.as_chunks_mut::<2>();
        for (pair, both) in pairs.iter_mut().zip(&self.0) {
            *pair = halves(both.load(Ordering::Relaxed));
        }
        cells
    }

    /// The least and the greatest cell with a moment between two, both included. No cell is, when the first is greater.
    pub(crate) fn between(low: i64, high: i64) -> (u32, u32) {
        let seconds = |moment: i64| u32::try_from((moment.div_euclid(NANOSECONDS) - EPOCH).max(0)).unwrap_or(u32::MAX);
        let begins = if moment(seconds(low)) < low { seconds(low).saturating_add(1) } else { seconds(low) };
        (begins.max(1), seconds(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_between_are_those_with_moments_between(
            seconds in -1_000_i64..1_000,
            part in 0..NANOSECONDS,
            low in -1_100_i64..1_100,
            high in -1_100_i64..1_100,
            odd in 0..NANOSECONDS,
        ) {
            let at = |seconds: i64, part: i64| (EPOCH + 5_000 + seconds) * NANOSECONDS + part;
            let seen = Seen::of([NEVER, at(seconds, part)]);
            prop_assert_eq!(seen.iter().take(3).collect::<Vec<_>>(), vec![NEVER, at(seconds, 0), NEVER]);
            let (low, high) = (at(low, odd), at(high, odd));
            let (least, greatest) = Seen::between(low, high);
            let cell = seen.cells()[1];
            prop_assert_eq!(least <= cell && cell <= greatest, low <= seen.get(1) && seen.get(1) <= high);
            prop_assert!(least > EMPTY);
        }

        #[test]
        fn the_latest_stays(moments in proptest::collection::vec((0_usize..4, 0_i64..50), 0..40)) {
            let seen = Seen::default();
            let mut expected = [NEVER; 4];
            for (at, seconds) in moments {
                let moment = (EPOCH + 1 + seconds) * NANOSECONDS;
                seen.note(at, moment);
                expected[at] = expected[at].max(moment);
            }
            prop_assert_eq!(seen.iter().take(4).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn what_no_cell_holds_is_drawn_to_the_ends() {
        let seen = Seen::of([i64::MIN + 1, i64::MAX]);
        assert_eq!(seen.get(0), (EPOCH + 1) * NANOSECONDS);
        assert_eq!(seen.get(1), (EPOCH + i64::from(u32::MAX)) * NANOSECONDS);
        assert_eq!(Seen::between(i64::MIN + 1, i64::MAX), (1, u32::MAX));
    }
}
