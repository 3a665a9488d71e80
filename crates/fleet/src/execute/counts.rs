//! Assets per patch.

use super::selection::Selection;
use crate::index::found::Found;
use crate::index::plane::Plane;
use crate::index::segment::{Segment, of};
use crate::patches::PatchSet;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

/// Numbers below this are counted in a list; catalogs stay far below it.
const DIRECT: usize = 1 << 20;
/// Fewer rows than one for so many patches are counted row by row: a row costs about as much as ten planes.
const PLANES_PER_ROW: u32 = 10;

/// Counts per patch.
#[derive(Debug, Clone, Default)]
pub struct PatchCounts {
    direct: Vec<u32>,
    far: BTreeMap<PatchNo, u32>,
}

impl PatchCounts {
    /// The count of a patch.
    #[must_use]
    pub fn of(&self, no: PatchNo) -> u64 {
        let direct = usize::try_from(no.0).ok().and_then(|at| self.direct.get(at));
        direct.or_else(|| self.far.get(&no)).copied().unwrap_or(0).into()
    }

    /// All counts that are not zero.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (PatchNo, u64)> {
        let direct = (0..).map(PatchNo).zip(self.direct.iter().copied());
        let all = direct.chain(self.far.iter().map(|(&no, &count)| (no, count)));
        all.filter(|(_, count)| *count > 0).map(|(no, count)| (no, count.into()))
    }

    /// Adds to a count; gives what it is then.
    fn add(&mut self, no: PatchNo, count: u32) -> u32 {
        let sum = match usize::try_from(no.0) {
            Ok(at) if at < DIRECT => {
                if self.direct.len() <= at {
                    self.direct.resize(at + 1, 0);
                }
                self.direct.get_mut(at)
            }
            _ => Some(self.far.entry(no).or_default()),
        };
        sum.map_or(0, |sum| {
            *sum += count;
            *sum
        })
    }

    fn take(&mut self, no: PatchNo, count: u32) {
        let direct = usize::try_from(no.0).ok().and_then(|at| self.direct.get_mut(at));
        if let Some(left) = direct.or_else(|| self.far.get_mut(&no)) {
            *left = left.saturating_sub(count);
        }
    }

    fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        let all = self.direct.iter_mut().chain(self.far.values_mut());
        all.filter(|count| !keep(u64::from(**count))).for_each(|count| *count = 0);
    }

    /// Adds the selected rows of a segment.
    fn add_segment(&mut self, segment: &Segment, rows: &Plane, status: FindingStatus, among: Option<&PatchSet>) {
        let numbers = segment.columns.numbers().iter().copied();
        let is_wanted = |no: PatchNo| among.is_none_or(|among| among.contains(no));
        let whole = rows.count() == segment.live.count();
        if !whole && are_few(segment, rows) {
            let mut found = Found::default();
            for row in rows.iter() {
                segment.read_found(row, &mut found);
                of(&found, status).iter().filter_map(|&column| segment.columns.number(column)).for_each(|no| _ = self.add(no, 1));
            }
            return;
        }
        for (no, pair) in numbers.zip(segment.patches.iter()).filter(|&(no, _)| is_wanted(no)) {
            let plane = pair.of(status);
            _ = self.add(no, if whole { plane.count() } else { plane.count_and(rows) });
        }
    }
}

fn are_few(segment: &Segment, rows: &Plane) -> bool {
    rows.count().saturating_mul(PLANES_PER_ROW) < segment.width()
}

impl Selection {
    /// How many assets miss (have) each patch.
    #[must_use]
    pub fn counts(&self, status: FindingStatus) -> PatchCounts {
        self.counts_among(status, None)
    }

    /// How many assets miss (have) each patch of a set, or each patch. What is said of others means nothing.
    pub(crate) fn counts_among(&self, status: FindingStatus, among: Option<&PatchSet>) -> PatchCounts {
        let mut counts = PatchCounts::default();
        self.segments().for_each(|(_, segment, rows)| counts.add_segment(segment, rows, status, among));
        counts
    }

    /// The `n` patches that most assets miss, and how many do; then by number. Patches that nobody misses are
    /// left out, and those outside `among`.
    #[must_use]
    pub fn top_missing(&self, n: usize, among: Option<&PatchSet>) -> Vec<(PatchNo, u64)> {
        let is_wanted = |no: PatchNo| among.is_none_or(|among| among.contains(no));
        if self.segments().all(|(_, segment, rows)| are_few(segment, rows)) {
            return self.top_of_few(n, &is_wanted);
        }
        // Counting whole segments and few rows is no more than adding up.
        let is_cheap = |(_, segment, rows): (u16, &Arc<Segment>, &Plane)| rows.count() == segment.live.count() || are_few(segment, rows);
        let counts = if self.segments().all(is_cheap) { self.counts(FindingStatus::Missing) } else { self.counts_above(n, &is_wanted) };
        let mut top = Top { most: n, best: BinaryHeap::new() };
        counts.iter().filter(|(no, _)| is_wanted(*no)).for_each(|(no, count)| top.offer(no, count));
        top.finish()
    }

    /// The same from the findings of each row: work grows with these findings and not with the catalog.
    fn top_of_few(&self, n: usize, is_wanted: &impl Fn(PatchNo) -> bool) -> Vec<(PatchNo, u64)> {
        let (mut counts, mut counted, mut missing) = (PatchCounts::default(), Vec::new(), Vec::new());
        for (_, segment, rows) in self.segments() {
            for row in rows.iter() {
                segment.read_missing(row, &mut missing);
                let numbers = missing.iter().filter_map(|&column| segment.columns.number(column));
                counted.extend(numbers.filter(|&no| counts.add(no, 1) == 1));
            }
        }
        let mut top = Top { most: n, best: BinaryHeap::new() };
        counted.into_iter().filter(|&no| is_wanted(no)).for_each(|no| top.offer(no, counts.of(no)));
        top.finish()
    }

    /// How many of these assets miss each patch, exactly for the `n` greatest; for others perhaps only a number
    /// that is smaller than these.
    ///
    /// No more assets can miss a patch than do in a segment, and no more than are selected there. The patches
    /// that should come out first are counted first; then whatever cannot reach the least of them is left out, and
    /// what is counted is left as soon as it cannot reach it any more.
    fn counts_above(&self, n: usize, is_wanted: &impl Fn(PatchNo) -> bool) -> PatchCounts {
        let (mut bounds, mut likely) = (PatchCounts::default(), PatchCounts::default());
        for (_, segment, rows) in self.segments() {
            let (selected, live) = (u64::from(rows.count()), u64::from(segment.live.count()).max(1));
            for (&no, pair) in segment.columns.numbers().iter().zip(segment.patches.iter()) {
                let missing = pair.missing.count();
                _ = bounds.add(no, missing.min(rows.count()));
                _ = likely.add(no, u32::try_from(u64::from(missing) * selected / live).unwrap_or(u32::MAX));
            }
        }
        let mut first = Top { most: n.saturating_mul(2), best: BinaryHeap::new() };
        likely.iter().filter(|(no, _)| is_wanted(*no)).for_each(|(no, count)| first.offer(no, count));
        let mut exact: Vec<u64> = first.finish().into_iter().map(|(no, _)| self.count_missing(no)).collect();
        exact.sort_unstable_by_key(|&count| Reverse(count));
        let least = exact.get(n.saturating_sub(1)).copied().unwrap_or(1).max(1);
        for (_, segment, rows) in self.segments() {
            for (&no, pair) in segment.columns.numbers().iter().zip(segment.patches.iter()) {
                let bound = pair.missing.count().min(rows.count());
                if bound > 0 && bounds.of(no) >= least && is_wanted(no) {
                    bounds.take(no, bound - pair.missing.count_and(rows));
                }
            }
        }
        bounds.retain(|count| count >= least);
        bounds
    }

    fn count_missing(&self, no: PatchNo) -> u64 {
        let planes = self.segments().filter_map(|(_, segment, rows)| Some((segment.pair(no)?, rows)));
        planes.map(|(pair, rows)| u64::from(pair.missing.count_and(rows))).sum()
    }
}

/// The greatest counts so far; of equal ones the smallest numbers.
struct Top {
    most: usize,
    best: BinaryHeap<Reverse<(u64, Reverse<PatchNo>)>>,
}

impl Top {
    fn offer(&mut self, no: PatchNo, count: u64) {
        let new = Reverse((count, Reverse(no)));
        if self.best.len() < self.most {
            self.best.push(new);
        } else if let Some(mut least) = self.best.peek_mut().filter(|least| new < **least) {
            *least = new;
        }
    }

    fn finish(self) -> Vec<(PatchNo, u64)> {
        // Ascending in `Reverse` is the greatest first.
        self.best.into_sorted_vec().into_iter().map(|Reverse((count, Reverse(no)))| (no, count)).collect()
    }
}
