//! "Misses (has) a patch of this set": from a class, an answer that is kept, or the planes of its patches.

use crate::index::classes::Classes;
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::patches::PatchSet;
use fettle_model::finding::FindingStatus;
use std::sync::Arc;

/// Sets this small are united every time.
const SMALL: usize = 4;
/// Fewer rows in question than this are asked one by one, without making the union of a large set.
const FEW_ROWS: u32 = 8;

/// The rows that miss (have) a patch of a set; rows that are not in question may or may not be among them.
pub(crate) fn found(segment: &Segment, status: FindingStatus, set: &Arc<PatchSet>, class: Option<Classes>, within: &Plane) -> Plane {
    if let Some(plane) = class.and_then(|class| segment.class(status, class)) {
        return plane.clone();
    }
    if let Some(kept) = Some(set).filter(|set| set.len() > SMALL).and_then(|set| segment.unions.get(set, status)) {
        return kept;
    }
    let columns = columns(segment, set, usize::MAX);
    if columns.len() <= SMALL {
        let planes = columns.into_iter().filter_map(|column| segment.column(column));
        return planes.fold(Plane::Empty, |union, pair| union.or(pair.of(status)));
    }
    if within.count() <= FEW_ROWS {
        return segment.those_with(status, &columns, within);
    }
    let union = segment.union_of(status, &columns);
    segment.unions.keep(set, status, &union);
    union
}

/// The columns of a set's patches, at most so many.
pub(crate) fn columns(segment: &Segment, set: &PatchSet, most: usize) -> Vec<u32> {
    if set.len() <= segment.columns.len() {
        return set.iter().filter_map(|no| segment.columns.of(no)).take(most).collect();
    }
    let numbers = (0..).zip(segment.columns.numbers());
    numbers.filter(|(_, no)| set.contains(**no)).map(|(column, _)| column).take(most).collect()
}
