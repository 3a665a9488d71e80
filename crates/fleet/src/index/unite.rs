//! Uniting the planes of many patches.

use super::bits::WORD;
use super::classes::{CLASSES, Weight};
use super::found::Found;
use super::numbers::Deltas;
use super::plane::{Plane, Union};
use super::segment::{Segment, of};
use fettle_model::finding::FindingStatus;
use std::sync::Arc;

/// Planes that are united before it is asked whether any row is left.
const ROUND: usize = 8;
/// When only so many rows are left out, their findings are asked: a row costs about as much as eight dense planes.
const LAST_ROWS: u32 = 64;

impl Segment {
    /// The rows that miss (have) a patch of some columns. Densest planes first: most sets cover all rows that
    /// they can long before their last plane.
    pub(crate) fn union_of(&self, status: FindingStatus, columns: &[u32]) -> Plane {
        let counted = columns.iter().filter_map(|&column| Some((self.column(column)?.of(status).count(), column)));
        let mut order: Vec<(u32, u32)> = counted.filter(|(count, _)| *count > 0).collect();
        order.sort_unstable_by(|a, b| b.cmp(a));
        let live = self.live.count();
        let mut union = Union::below(self.end());
        for (round, planes) in order.chunks(ROUND).enumerate() {
            planes.iter().filter_map(|(_, column)| self.column(*column)).for_each(|pair| union.add(pair.of(status)));
            let left = live - union.count();
            let planes_left = order.len().saturating_sub((round + 1) * ROUND);
            if left == 0 || planes_left == 0 {
                break;
            }
            if left <= LAST_ROWS && planes_left > ROUND {
                let rows = self.live.clone().minus(&Plane::of_words(union.words()));
                union.add(&self.those_with(status, columns, &rows));
                break;
            }
        }
        union.finish()
    }

    /// Those of some rows that miss (have) a patch of some columns, told by their findings.
    pub(crate) fn those_with(&self, status: FindingStatus, columns: &[u32], rows: &Plane) -> Plane {
        let mut mask = vec![0_u64; self.columns.len().div_ceil(WORD)];
        for &column in columns {
            if let Some(word) = usize::try_from(column).ok().and_then(|column| mask.get_mut(column / WORD)) {
                *word |= 1 << (column % 64);
            }
        }
        let is_masked = |column: &u32| {
            let word = usize::try_from(*column).ok().and_then(|column| mask.get(column / WORD));
            word.is_some_and(|word| word >> (column % 64) & 1 == 1)
        };
        let mut found = Found::default();
        let mut those = Vec::new();
        for row in rows.iter() {
            self.read_found(row, &mut found);
            if of(&found, status).iter().any(is_masked) {
                those.push(row);
            }
        }
        Plane::of_rows(&those)
    }

    /// Takes other weights for the columns: counters and classes of the rows concerned are made again.
    pub(crate) fn reweigh(&mut self, weights: Vec<Weight>) {
        let old = std::mem::replace(&mut self.weights, Arc::new(weights));
        let mut changed = 0;
        for (column, (old, new)) in (0_u32..).zip(old.iter().zip(Arc::clone(&self.weights).iter())) {
            if old == new {
                continue;
            }
            changed |= old.shown() ^ new.shown();
            let Some(pair) = self.column(column).cloned() else { continue };
            self.numbers.adjust(pair.missing.iter(), &Deltas::of_missing(*old, *new));
            self.numbers.adjust(pair.installed.iter(), &Deltas::of_installed(*old, *new));
        }
        for class in (0..CLASSES).filter(|bit| changed >> bit & 1 == 1) {
            let members = (0_u32..).zip(self.weights.iter()).filter(|(_, weight)| weight.shown() >> class & 1 == 1);
            let members: Vec<u32> = members.map(|(column, _)| column).collect();
            for status in [FindingStatus::Missing, FindingStatus::Installed] {
                let union = self.union_of(status, &members);
                if let Some(plane) = Arc::make_mut(&mut self.classes).get_mut(status as usize).and_then(|planes| planes.get_mut(class)) {
                    *plane = union;
                }
            }
        }
    }
}
