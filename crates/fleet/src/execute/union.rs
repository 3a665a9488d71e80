//! "Misses (has) a patch of this set": from a class, an answer that is kept, or the planes of its patches.

use super::evaluate::NO_ROWS;
use crate::index::classes::Classes;
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::patches::PatchSet;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchNo;
use std::sync::Arc;

/// Sets this small are united every time.
const SMALL: usize = 4;
/// Fewer rows in question than this are asked one by one, without making the union of a large set.
const FEW_ROWS: u32 = 8;

/// Patches, one of which a row is to miss (have).
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    status: FindingStatus,
    set: Arc<PatchSet>,
    /// The class with exactly these members.
    class: Option<Classes>,
    /// The members, when they are few.
    few: Option<Box<[PatchNo]>>,
}

impl Wanted {
    /// The patches of a set; `classes` are the members of each class.
    pub(crate) fn new(status: FindingStatus, set: Arc<PatchSet>, classes: &[Arc<PatchSet>]) -> Self {
        let class = classes.iter().position(|class| *class == set).map(|bit| 1 << bit);
        let few = (set.len() <= SMALL).then(|| set.iter().collect());
        Self { status, set, class, few }
    }

    /// The one plane of these rows, if there is one.
    pub(crate) fn plane<'a>(&self, segment: &'a Segment) -> Option<&'a Plane> {
        if let Some(class) = self.class {
            return segment.class(self.status, class);
        }
        let mut pairs = self.few.as_ref()?.iter().filter_map(|&no| segment.pair(no));
        match (pairs.next(), pairs.next()) {
            (None, _) => Some(NO_ROWS),
            (Some(pair), None) => Some(pair.of(self.status)),
            _ => None,
        }
    }

    /// Adds the planes whose union are the rows, unless they are many. Says whether it did.
    pub(crate) fn planes<'a>(&self, segment: &'a Segment, planes: &mut Vec<&'a Plane>) -> bool {
        if let Some(plane) = self.plane(segment) {
            planes.push(plane);
        } else if let Some(few) = &self.few {
            planes.extend(few.iter().filter_map(|&no| segment.pair(no)).map(|pair| pair.of(self.status)));
        } else {
            return false;
        }
        true
    }

    /// The rows; those that are not in question may or may not be among them.
    pub(crate) fn rows(&self, segment: &Segment, within: &Plane) -> Plane {
        if let Some(plane) = self.plane(segment) {
            return plane.clone();
        }
        if let Some(few) = &self.few {
            let pairs = few.iter().filter_map(|&no| segment.pair(no));
            return pairs.fold(Plane::Empty, |union, pair| union.or(pair.of(self.status)));
        }
        if let Some(kept) = segment.unions.get(&self.set, self.status) {
            return kept;
        }
        let columns = self.columns(segment);
        if within.count() <= FEW_ROWS {
            return segment.those_with(self.status, &columns, within);
        }
        let union = segment.union_of(self.status, &columns);
        segment.unions.keep(&self.set, self.status, &union);
        union
    }

    fn columns(&self, segment: &Segment) -> Vec<u32> {
        if self.set.len() <= segment.columns.len() {
            return self.set.iter().filter_map(|no| segment.columns.of(no)).collect();
        }
        let numbers = (0..).zip(segment.columns.numbers());
        numbers.filter(|(_, no)| self.set.contains(**no)).map(|(column, _)| column).collect()
    }
}
