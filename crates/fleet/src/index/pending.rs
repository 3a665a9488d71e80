//! Changes of patch planes that wait for the end of a batch.
//!
//! A batch of scans changes the same planes again and again. Gathered and put in order by plane, each plane
//! is copied once, and its rows are written one after the other.

use super::plane::Plane;
use super::segment::Pair;
use fettle_model::finding::FindingStatus;

/// Changes gathered before planes are written in the middle of a batch: some tens of megabytes.
const MOST: usize = 1 << 22;

/// A row that comes into a plane or leaves it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    /// Twice the column, and one for installed.
    pub(crate) slot: u32,
    pub(crate) row: u16,
    pub(crate) is_in: bool,
}

/// Changes in the order they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pending(Vec<Move>);

impl Pending {
    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether so much waits that it should be written.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// Notes that a row comes into a plane or leaves it.
    pub(crate) fn push(&mut self, column: u32, status: FindingStatus, row: u16, is_in: bool) {
        self.0.push(Move { slot: 2 * column + status as u32, row, is_in });
    }

    /// Takes all, in order by plane, of which there are two for each of so many columns.
    pub(crate) fn take(&mut self, columns: usize) -> Vec<Move> {
        in_order(std::mem::take(&mut self.0), 2 * columns)
    }
}

/// The plane of a slot.
pub(crate) fn plane_of(pair: &mut Pair, slot: u32) -> &mut Plane {
    if slot.is_multiple_of(2) { &mut pair.missing } else { &mut pair.installed }
}

/// By plane; those of one plane stay in the order they were made.
fn in_order(mut moves: Vec<Move>, slots: usize) -> Vec<Move> {
    if moves.len() < slots {
        moves.sort_by_key(|change| change.slot);
        return moves;
    }
    let mut places = vec![0_usize; slots + 1];
    let slot = |change: &Move| usize::try_from(change.slot).unwrap_or(usize::MAX);
    for change in &moves {
        if let Some(count) = places.get_mut(slot(change) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for place in &mut places {
        sum += *place;
        *place = sum;
    }
    let mut ordered = moves.clone();
    for change in moves {
        let Some(place) = places.get_mut(slot(&change)) else { continue };
        if let Some(slot) = ordered.get_mut(*place) {
            *slot = change;
        }
        *place += 1;
    }
    ordered
}
