//! Answers to "a patch of this set is missing (installed)", kept with the rows.
//!
//! People ask the same few questions again and again, with other conditions around them. The union of
//! thousands of planes takes milliseconds to make; kept, and moved along when a row changes, it is one plane.

use super::plane::Plane;
use crate::patches::PatchSet;
use arc_swap::ArcSwap;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Answers kept: what the dashboards and lists of one installation ask again and again. Each is at most four
/// kilobytes per segment, and costs a re-scan some comparisons.
const KEPT: usize = 24;

/// Answers of one segment. Readers add to them without anybody waiting.
#[derive(Debug, Default)]
pub(crate) struct Unions {
    kept: ArcSwap<Vec<Kept>>,
    /// What is still to be written to them; nothing in a published version.
    pending: Vec<Move>,
}

/// A row whose findings changed, and whether it belongs into an answer now.
#[derive(Debug, Clone, Copy)]
struct Move {
    /// The place of the answer.
    kept: usize,
    row: u16,
    is_in: bool,
}

#[derive(Debug, Clone)]
struct Kept {
    set: Arc<PatchSet>,
    status: FindingStatus,
    rows: Plane,
}

/// What changed in the findings of one status of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed<'a> {
    /// Patches that left.
    pub(crate) gone: &'a [PatchNo],
    /// Patches that came.
    pub(crate) come: &'a [PatchNo],
}

impl Clone for Unions {
    fn clone(&self) -> Self {
        Self { kept: ArcSwap::new(self.kept.load_full()), pending: self.pending.clone() }
    }
}

impl Unions {
    /// The rows, if they are kept.
    pub(crate) fn get(&self, set: &Arc<PatchSet>, status: FindingStatus) -> Option<Plane> {
        self.kept.load().iter().find(|kept| kept.status == status && kept.set == *set).map(|kept| kept.rows.clone())
    }

    /// Keeps an answer; the oldest goes when there is no room.
    pub(crate) fn keep(&self, set: &Arc<PatchSet>, status: FindingStatus, rows: &Plane) {
        self.kept.rcu(|kept| {
            let room = kept.len().saturating_sub(KEPT - 1);
            let others = kept.iter().filter(|kept| !(kept.status == status && kept.set == *set)).skip(room).cloned();
            let new = Kept { set: Arc::clone(set), status, rows: rows.clone() };
            others.chain([new]).collect::<Vec<_>>()
        });
    }

    /// Notes where a row belongs whose findings changed. `any_left` says whether it still has a patch of a set.
    pub(crate) fn change(&mut self, row: u16, status: FindingStatus, changed: Changed<'_>, any_left: impl Fn(&PatchSet) -> bool) {
        for (at, kept) in self.kept.load().iter().enumerate().filter(|(_, kept)| kept.status == status) {
            let touches = |list: &[PatchNo]| list.iter().any(|&no| kept.set.contains(no));
            let has_come = touches(changed.come);
            if has_come || touches(changed.gone) {
                self.pending.push(Move { kept: at, row, is_in: has_come || any_left(&kept.set) });
            }
        }
    }

    /// Writes what waits to the answers, each of which is copied once.
    pub(crate) fn flush(&mut self) {
        // Only the last of what was noted of a row counts, and most rows stay where they are.
        let last: BTreeMap<(usize, u16), bool> = self.pending.drain(..).map(|change| ((change.kept, change.row), change.is_in)).collect();
        let kept = self.kept.load();
        let is_new = |&(&(at, row), &is_in): &(&(usize, u16), &bool)| kept.get(at).is_some_and(|kept| kept.rows.contains(row) != is_in);
        let moves: Vec<(usize, (u16, bool))> = last.iter().filter(is_new).map(|(&(at, row), &is_in)| (at, (row, is_in))).collect();
        if moves.is_empty() {
            return;
        }
        let mut moved = kept.to_vec();
        for moves in moves.chunk_by(|a, b| a.0 == b.0) {
            let rows: Vec<(u16, bool)> = moves.iter().map(|(_, change)| *change).collect();
            if let Some(kept) = moves.first().and_then(|(at, _)| moved.get_mut(*at)) {
                kept.rows.change(&rows);
            }
        }
        self.kept.store(Arc::new(moved));
    }
}
