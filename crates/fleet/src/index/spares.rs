//! Tables of planes from the version before, for the version after.
//!
//! A new version copies the pointers to all planes of a chunk of patches, though a scan changes one of them: and to
//! copy a pointer that is counted is to write where the plane lies, far apart in memory. So the writer keeps the chunk
//! that it replaced. Once nobody reads the version it was in, it differs from its successor by few planes; these are
//! exchanged, and the chunk is what the next version writes to. The planes themselves are kept once.

use super::chunks::Chunks;
use super::pending::{Move, plane_of};
use super::plane::Plane;
use super::segment::{PAIRS, Pair};
use std::hint::black_box;
use std::sync::Arc;

/// Most planes that may be waited for: what they take is some tens of megabytes. When a batch replaced more, as while a
/// fleet is read, its chunks are let go instead.
const MOST: usize = 1 << 14;
/// Planes of a chunk: two for each of its patches, and as many bits as a word has.
const SLOTS: u32 = u64::BITS;
const _: () = assert!(2 * PAIRS == 64, "a bit for each plane of a chunk");

/// Chunks that were replaced.
#[derive(Debug, Default)]
pub(crate) struct Spares {
    /// By segment and place.
    chunks: Vec<Vec<Option<Spare>>>,
    /// Those with planes that are still to be exchanged.
    stale: Vec<(u16, usize)>,
    /// How many these planes are.
    planes: usize,
}

/// A chunk that was replaced.
#[derive(Debug)]
struct Spare {
    chunk: Arc<Vec<Pair>>,
    /// What replaced it. When the segment has another one by now, the spare says nothing.
    successor: Arc<Vec<Pair>>,
    /// The planes in which they differ, a bit for each: twice the place of the pair, and one for installed.
    stale: u64,
}

impl Spares {
    /// Writes moves of rows, ordered by plane, to the planes of a segment.
    pub(crate) fn write(&mut self, segment: u16, planes: &mut Chunks<Pair, PAIRS>, moves: &[Move]) {
        let chunk_of = |change: &Move| (change.slot / SLOTS) as usize;
        // Looked at before anything is written: the processor then waits for the memory of many planes at once.
        let has_row =
            |change: &&Move| planes.get((change.slot / 2) as usize).is_some_and(|pair| plane_in(pair, change.slot).contains(change.row));
        black_box(moves.iter().filter(has_row).count());
        let mut rows = Vec::new();
        for moves in moves.chunk_by(|a, b| chunk_of(a) == chunk_of(b)) {
            let Some(at) = moves.first().map(chunk_of) else { continue };
            let Some(current) = planes.chunk_mut(at) else { continue };
            if let Some(pairs) = Arc::get_mut(current) {
                change(pairs, moves, &mut rows);
                continue;
            }
            let mut next = self.take((segment, at), current);
            let stale = Arc::get_mut(&mut next).map_or(0, |pairs| change(pairs, moves, &mut rows));
            let chunk = std::mem::replace(current, next);
            let spare = Spare { chunk, successor: Arc::clone(current), stale };
            self.planes += stale.count_ones() as usize;
            self.stale.push((segment, at));
            self.keep((segment, at), spare);
        }
    }

    /// A chunk like the current one that nobody else has.
    fn take(&mut self, key: (u16, usize), current: &Arc<Vec<Pair>>) -> Arc<Vec<Pair>> {
        if let Some(mut spare) = self.spare(key).and_then(Option::take)
            && Arc::ptr_eq(&spare.successor, current)
            && spare.catch_up()
        {
            return spare.chunk;
        }
        Arc::new(current.to_vec())
    }

    /// What is kept of a chunk.
    fn spare(&mut self, (segment, at): (u16, usize)) -> Option<&mut Option<Spare>> {
        self.chunks.get_mut(usize::from(segment))?.get_mut(at)
    }

    fn keep(&mut self, (segment, at): (u16, usize), spare: Spare) {
        let segment = usize::from(segment);
        if self.chunks.len() <= segment {
            self.chunks.resize_with(segment + 1, Vec::new);
        }
        if let Some(chunks) = self.chunks.get_mut(segment) {
            if chunks.len() <= at {
                chunks.resize_with(at + 1, || None);
            }
            if let Some(slot) = chunks.get_mut(at) {
                *slot = Some(spare);
            }
        }
    }

    /// Whether so much is waited for that it takes memory.
    pub(crate) fn are_many(&self) -> bool {
        self.planes > MOST
    }

    /// Exchanges what differs in the chunks that were replaced last. Those that somebody still reads are let go.
    pub(crate) fn catch_up(&mut self) {
        if self.are_many() {
            *self = Self::default();
        }
        let stale = std::mem::take(&mut self.stale);
        // Looked at first, as when writing.
        let spares = || stale.iter().filter_map(|&(segment, at)| self.chunks.get(usize::from(segment))?.get(at)?.as_ref());
        black_box(
            spares()
                .flat_map(Spare::differing)
                .map(|(old, new)| usize::from(old.contains(0)) + usize::from(new.contains(0)))
                .sum::<usize>(),
        );
        for key in stale {
            if let Some(slot) = self.spare(key) {
                slot.take_if(|spare| !spare.catch_up());
            }
        }
        self.planes = 0;
    }
}

/// The plane of a slot, to be read.
fn plane_in(pair: &Pair, slot: u32) -> &Plane {
    if slot.is_multiple_of(2) { &pair.missing } else { &pair.installed }
}

/// Moves rows in planes of one chunk, and says in which.
fn change(pairs: &mut [Pair], moves: &[Move], rows: &mut Vec<(u16, bool)>) -> u64 {
    let mut changed = 0;
    for moves in moves.chunk_by(|a, b| a.slot == b.slot) {
        let Some(slot) = moves.first().map(|first| first.slot % SLOTS) else { continue };
        let Some(pair) = pairs.get_mut((slot / 2) as usize) else { continue };
        rows.clear();
        rows.extend(moves.iter().map(|change| (change.row, change.is_in)));
        plane_of(pair, slot).change(rows);
        changed |= 1 << slot;
    }
    changed
}

impl Spare {
    /// The planes in which they differ, of both.
    fn differing(&self) -> impl Iterator<Item = (&Plane, &Plane)> {
        (0..SLOTS).filter(|slot| self.stale >> slot & 1 == 1).filter_map(|slot| {
            let at = (slot / 2) as usize;
            Some((plane_in(self.chunk.get(at)?, slot), plane_in(self.successor.get(at)?, slot)))
        })
    }

    /// Exchanges the planes that differ. `false` when somebody reads the chunk.
    fn catch_up(&mut self) -> bool {
        let Some(pairs) = Arc::get_mut(&mut self.chunk) else { return false };
        for slot in (0..SLOTS).filter(|slot| self.stale >> slot & 1 == 1) {
            let at = (slot / 2) as usize;
            let (Some(pair), Some(newer)) = (pairs.get_mut(at), self.successor.get(at)) else { return false };
            plane_of(pair, slot).clone_from(plane_in(newer, slot));
        }
        self.stale = 0;
        true
    }
}
