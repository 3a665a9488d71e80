//! From findings by row to everything that follows from them, all rows of a segment at once.
//!
//! Sixty-four rows are read as bits, counted by masks, and turned into a word for each column. What is turned is
//! kept eight words together, a cache line, until all rows are through; then each column is gathered from its
//! lines. A finding that is a bit in its row thus costs no step of its own.

mod sparse;

use super::cursor::{Read, Wrong};
use crate::index::bits::{self, WORD};
use crate::index::classes::{CLASSES, COUNTS, Tally, Weight};
use crate::index::found::read_words;
use crate::index::plane::Plane;
use crate::index::segment::{Pair, Segment};
use fettle_model::finding::FindingStatus;
use std::sync::Arc;

/// Words of a line.
const LOT: usize = 8;
/// Most columns of a segment that is worked on as bits: two vendors' patches for one system. Wider segments are
/// shared by systems with few assets, whose rows as bits would be mostly empty.
pub(super) const MOST_COLUMNS: u32 = 8_192;
/// Bits of a weight's risk.
const RISKS: usize = 8;

const UNREADABLE: Wrong = Wrong("findings cannot be read, or name a patch that is not there");

/// Room that one segment after the other is derived in.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// By status.
    sides: [Side; 2],
    /// One column.
    column: Vec<u64>,
}

/// Missing or installed.
#[derive(Debug, Default)]
struct Side {
    masks: Masks,
    /// Sixty-four rows.
    rows: Vec<u64>,
    /// By block of rows, then column.
    lines: Vec<[u64; LOT]>,
    /// By class, then row.
    classes: Vec<u64>,
}

/// Columns that count for something, as bits, and what for.
#[derive(Debug, Default)]
struct Masks {
    words: Vec<u64>,
    counts: Vec<u32>,
    /// By mask.
    uses: Vec<Vec<Use>>,
}

#[derive(Debug, Clone, Copy)]
enum Use {
    /// Rows with any of them are in a class.
    Class(usize),
    /// Their number is a counter.
    Count(usize),
    /// Their number counts so many times as risk.
    Risk(u32),
}

impl Masks {
    /// The masks for a status.
    fn of(status: FindingStatus, weights: &[Weight]) -> Self {
        let mut masks = Self::default();
        let words = weights.len().div_ceil(WORD);
        let tallies: Vec<(Tally, Weight)> = weights.iter().map(|&weight| (tally_of(status, weight), weight)).collect();
        for class in 0..CLASSES {
            masks.add(words, Use::Class(class), tallies.iter().map(|(_, weight)| weight.shown() >> class & 1 == 1));
        }
        for at in 0..COUNTS {
            masks.add(words, Use::Count(at), tallies.iter().map(|(tally, _)| tally.counts.get(at).is_some_and(|&count| count > 0)));
        }
        for bit in 0..RISKS {
            masks.add(words, Use::Risk(1 << bit), tallies.iter().map(|(tally, _)| tally.risk >> bit & 1 == 1));
        }
        masks.counts = vec![0; masks.uses.len()];
        masks
    }

    /// Adds a mask, unless it is empty. Where a mask is the same as another it is counted once.
    fn add(&mut self, words: usize, used: Use, columns: impl Iterator<Item = bool>) {
        let mut mask = vec![0_u64; words];
        for (column, _) in columns.enumerate().filter(|(_, is_in)| *is_in) {
            if let Some(word) = mask.get_mut(column / WORD) {
                *word |= 1 << (column % WORD);
            }
        }
        if mask.iter().all(|&word| word == 0) {
            return;
        }
        match self.words.chunks_exact(words).position(|other| other == mask).and_then(|at| self.uses.get_mut(at)) {
            Some(uses) => uses.push(used),
            None => {
                self.words.extend(mask);
                self.uses.push(vec![used]);
            }
        }
    }
}

fn tally_of(status: FindingStatus, weight: Weight) -> Tally {
    let mut tally = Tally::default();
    match status {
        FindingStatus::Missing => tally.count_missing(weight, 1),
        FindingStatus::Installed => tally.count_installed(weight, 1),
    }
    tally
}

impl Side {
    fn begin(&mut self, status: FindingStatus, weights: &[Weight], blocks: usize) {
        let words = weights.len().div_ceil(WORD);
        self.masks = Masks::of(status, weights);
        self.rows.resize(words * WORD, 0);
        self.lines.resize(blocks * words * WORD, [0; LOT]);
        self.classes.clear();
        self.classes.resize(CLASSES * blocks * LOT, 0);
    }

    /// Counts a row, whose bits are `words`.
    fn count(&mut self, row: usize, at: usize, words: usize, blocks: usize, tally: &mut Tally) {
        let bits = self.rows.get(at * words..(at + 1) * words).unwrap_or_default();
        let Masks { words: masks, counts, uses } = &mut self.masks;
        bits::count_each(bits, masks, counts);
        for (&count, uses) in counts.iter().zip(uses).filter(|(count, _)| **count > 0) {
            for &used in uses.iter() {
                match used {
                    Use::Class(class) => {
                        if let Some(word) = self.classes.get_mut(class * blocks * LOT + row / WORD) {
                            *word |= 1 << (row % WORD);
                        }
                    }
                    Use::Count(at) => {
                        if let Some(counter) = tally.counts.get_mut(at) {
                            *counter += count;
                        }
                    }
                    Use::Risk(times) => tally.risk += times * count,
                }
            }
        }
    }

    /// Turns the rows and keeps them as a word of each line of a block.
    fn turn(&mut self, block: usize, lot: usize, words: usize) {
        let block = self.lines.get_mut(block * words * WORD..(block + 1) * words * WORD).unwrap_or_default();
        let (groups, _) = block.as_chunks_mut::<WORD>();
        for (word, lines) in groups.iter_mut().enumerate() {
            let mut square = [0; WORD];
            let rows = self.rows.chunks_exact(words.max(1)).filter_map(|row| row.get(word));
            square.iter_mut().zip(rows).for_each(|(to, from)| *to = *from);
            if square.iter().any(|&row| row != 0) {
                bits::transpose(&mut square);
            }
            for (line, column) in lines.iter_mut().zip(square) {
                if let Some(place) = line.get_mut(lot) {
                    *place = column;
                }
            }
        }
    }

    /// The rows of a column.
    fn plane(&self, column: usize, width: usize, buffer: &mut Vec<u64>) -> Plane {
        buffer.clear();
        self.lines.iter().skip(column).step_by(width.max(1)).for_each(|line| buffer.extend(line));
        Plane::of_words(buffer)
    }

    fn class_planes(&self, blocks: usize) -> [Plane; CLASSES] {
        let mut classes = self.classes.chunks_exact((blocks * LOT).max(1));
        [(); CLASSES].map(|()| classes.next().map_or(Plane::Empty, Plane::of_words))
    }
}

/// Derives planes, classes and counters of a segment from its findings. It has rows, columns with their weights,
/// and numbers, and nothing of what is derived.
pub(super) fn derive(segment: &mut Segment, scratch: &mut Scratch, most_columns: u32) -> Read<()> {
    if segment.width() > most_columns {
        return sparse::derive(segment);
    }
    let weights = Arc::clone(&segment.weights);
    let words = weights.len().div_ceil(WORD);
    let blocks = segment.end().div_ceil(WORD * LOT);
    let Scratch { sides: [missing, installed], column: buffer } = scratch;
    missing.begin(FindingStatus::Missing, &weights, blocks);
    installed.begin(FindingStatus::Installed, &weights, blocks);
    for lot in 0..blocks * LOT {
        read_rows(segment, lot, words, [missing, installed])?;
        for side in [&mut *missing, &mut *installed] {
            side.turn(lot / LOT, lot % LOT, words);
        }
        count_rows(segment, lot, words, blocks, [missing, installed]);
    }
    for column in 0..weights.len() {
        let mut plane = |side: &Side| side.plane(column, words * WORD, buffer);
        segment.patches.push(Pair { missing: plane(missing), installed: plane(installed) });
    }
    segment.classes = Arc::new([missing.class_planes(blocks), installed.class_planes(blocks)]);
    Ok(())
}

fn rows_of(lot: usize) -> impl Iterator<Item = (usize, u16)> {
    (0..WORD).filter_map(move |at| Some((at, u16::try_from(lot * WORD + at).ok()?)))
}

fn read_rows(segment: &Segment, lot: usize, words: usize, [missing, installed]: [&mut Side; 2]) -> Read<()> {
    missing.rows.fill(0);
    installed.rows.fill(0);
    let width = segment.width();
    for (at, row) in rows_of(lot) {
        let bits = at * words..(at + 1) * words;
        let bits = (missing.rows.get_mut(bits.clone()), installed.rows.get_mut(bits));
        let (Some(missing), Some(installed)) = bits else { continue };
        read_words(segment.found.get(row), width, missing, installed).ok_or(UNREADABLE)?;
    }
    Ok(())
}

fn count_rows(segment: &mut Segment, lot: usize, words: usize, blocks: usize, [missing, installed]: [&mut Side; 2]) {
    for (at, row) in rows_of(lot) {
        if segment.found.get(row).is_empty() {
            continue;
        }
        let mut tally = Tally::default();
        missing.count(usize::from(row), at, words, blocks, &mut tally);
        installed.count(usize::from(row), at, words, blocks, &mut tally);
        segment.numbers.set_tally(row, &tally);
    }
}

#[cfg(test)]
mod tests;
