//! Answers to "a patch of this set is missing (installed)", kept with the rows.
//!
//! People ask the same few questions again and again, with other conditions around them. The union of
//! thousands of planes takes milliseconds to make; kept, and moved along when a row changes, it is one plane.

use super::plane::Plane;
use crate::patches::PatchSet;
use arc_swap::ArcSwap;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use std::sync::Arc;

/// Answers kept: what the dashboards and lists of one installation ask again and again. Each is at most four
/// kilobytes per segment, and costs a re-scan some comparisons.
const KEPT: usize = 24;

/// Answers of one segment. Readers add to them without anybody waiting.
#[derive(Debug, Default)]
pub(crate) struct Unions(ArcSwap<Vec<Kept>>);

#[derive(Debug, Clone)]
struct Kept {
    set: Arc<PatchSet>,
    status: FindingStatus,
    rows: Plane,
}

/// What changed in the findings of one status of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed<'a> {
    pub(crate) status: FindingStatus,
    /// Patches that came or went.
    pub(crate) patches: &'a [PatchNo],
    /// All patches that there are now.
    pub(crate) now: &'a [PatchNo],
}

impl Clone for Unions {
    fn clone(&self) -> Self {
        Self(ArcSwap::new(self.0.load_full()))
    }
}

impl Unions {
    /// The rows, if they are kept.
    pub(crate) fn get(&self, set: &Arc<PatchSet>, status: FindingStatus) -> Option<Plane> {
        self.0.load().iter().find(|kept| kept.status == status && kept.set == *set).map(|kept| kept.rows.clone())
    }

    /// Keeps an answer; the oldest goes when there is no room.
    pub(crate) fn keep(&self, set: &Arc<PatchSet>, status: FindingStatus, rows: &Plane) {
        self.0.rcu(|kept| {
            let room = kept.len().saturating_sub(KEPT - 1);
            let others = kept.iter().filter(|kept| !(kept.status == status && kept.set == *set)).skip(room).cloned();
            let new = Kept { set: Arc::clone(set), status, rows: rows.clone() };
            others.chain([new]).collect::<Vec<_>>()
        });
    }

    /// Moves a row whose findings changed.
    pub(crate) fn change(&self, row: u16, changed: Changed<'_>) {
        let kept = self.0.load();
        let touched = |kept: &&Kept| kept.status == changed.status && changed.patches.iter().any(|&no| kept.set.contains(no));
        if !kept.iter().any(|kept| touched(&kept)) {
            return;
        }
        let moved = kept.iter().map(|kept| {
            let mut kept = kept.clone();
            if touched(&&kept) {
                kept.rows.put(row, changed.now.iter().any(|&no| kept.set.contains(no)));
            }
            kept
        });
        let moved: Vec<Kept> = moved.collect();
        self.0.store(Arc::new(moved));
    }
}
