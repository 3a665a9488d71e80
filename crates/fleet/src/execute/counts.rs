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

    fn add(&mut self, no: PatchNo, count: u32) {
        match usize::try_from(no.0) {
            Ok(at) if at < DIRECT => {
                if self.direct.len() <= at {
                    self.direct.resize(at + 1, 0);
                }
                if let Some(sum) = self.direct.get_mut(at) {
                    *sum += count;
                }
            }
            _ => *self.far.entry(no).or_default() += count,
        }
    }

    /// Adds the selected rows of a segment.
    fn add_segment(&mut self, segment: &Segment, rows: &Plane, status: FindingStatus, among: Option<&PatchSet>) {
        let numbers = segment.columns.numbers().iter().copied();
        let is_wanted = |no: PatchNo| among.is_none_or(|among| among.contains(no));
        let whole = rows.count() == segment.live.count();
        if !whole && are_few(segment, rows) {
            numbers.zip(by_rows(segment, rows, status)).for_each(|(no, count)| self.add(no, count));
            return;
        }
        for (no, pair) in numbers.zip(segment.patches.iter()).filter(|&(no, _)| is_wanted(no)) {
            let plane = pair.of(status);
            self.add(no, if whole { plane.count() } else { plane.count_and(rows) });
        }
    }
}

fn are_few(segment: &Segment, rows: &Plane) -> bool {
    rows.count().saturating_mul(PLANES_PER_ROW) < segment.width()
}

/// Counts by column, read from the findings of each row.
fn by_rows(segment: &Segment, rows: &Plane, status: FindingStatus) -> Vec<u32> {
    let mut counts = vec![0; segment.columns.len()];
    let mut found = Found::default();
    for row in rows.iter() {
        segment.read_found(row, &mut found);
        for &column in of(&found, status) {
            if let Some(count) = usize::try_from(column).ok().and_then(|column| counts.get_mut(column)) {
                *count += 1;
            }
        }
    }
    counts
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
        let mut top = Top { most: n, best: BinaryHeap::new() };
        let is_whole =
            |(_, segment, rows): (u16, &std::sync::Arc<Segment>, &Plane)| rows.count() == segment.live.count() || are_few(segment, rows);
        if self.segments().all(is_whole) {
            // Counting is no more than adding up.
            let counts = self.counts(FindingStatus::Missing);
            counts.iter().filter(|(no, _)| is_wanted(*no)).for_each(|(no, count)| top.offer(no, count));
            return top.finish();
        }
        for (bound, no) in self.bounds(&is_wanted) {
            if top.is_settled(bound) {
                break;
            }
            let planes = self.segments().filter_map(|(_, segment, rows)| Some((segment.pair(no)?, rows)));
            top.offer(no, planes.map(|(pair, rows)| u64::from(pair.missing.count_and(rows))).sum());
        }
        top.finish()
    }

    /// For each patch at most how many of these assets miss it, greatest first: no more than miss it in a
    /// segment, and no more than are selected there.
    fn bounds(&self, is_wanted: &impl Fn(PatchNo) -> bool) -> Vec<(u64, PatchNo)> {
        let mut bounds = PatchCounts::default();
        for (_, segment, rows) in self.segments() {
            let selected = rows.count();
            for (&no, pair) in segment.columns.numbers().iter().zip(segment.patches.iter()) {
                bounds.add(no, pair.missing.count().min(selected));
            }
        }
        let mut order: Vec<(u64, PatchNo)> = bounds.iter().filter(|(no, _)| is_wanted(*no)).map(|(no, bound)| (bound, no)).collect();
        order.sort_unstable_by_key(|&(bound, no)| (Reverse(bound), no));
        order
    }
}

/// The greatest counts so far; of equal ones the smallest numbers.
struct Top {
    most: usize,
    best: BinaryHeap<Reverse<(u64, Reverse<PatchNo>)>>,
}

impl Top {
    fn offer(&mut self, no: PatchNo, count: u64) {
        if count == 0 {
            return;
        }
        self.best.push(Reverse((count, Reverse(no))));
        if self.best.len() > self.most {
            self.best.pop();
        }
    }

    /// Whether no patch with this bound or a smaller one can come in. One with an equal count could, by its number.
    fn is_settled(&self, bound: u64) -> bool {
        self.best.len() >= self.most && self.best.peek().is_none_or(|Reverse((least, _))| bound < *least)
    }

    fn finish(self) -> Vec<(PatchNo, u64)> {
        // Ascending in `Reverse` is the greatest first.
        self.best.into_sorted_vec().into_iter().map(|Reverse((count, Reverse(no)))| (no, count)).collect()
    }
}
