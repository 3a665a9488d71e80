//! What the index's sets of rows take in memory.

use crate::index::plane::Plane;
use crate::view::View;
use std::mem::size_of;

/// Two counters that stand before what is shared.
const SHARED: usize = 2 * size_of::<usize>();

/// Memory of the sets of rows that miss and that have a patch, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaneSize {
    /// Lists of rows and bits.
    pub rows: u64,
    /// What keeps them: a handle for each set, even an empty one, and the counters of those who share it.
    pub handles: u64,
}

impl View {
    /// Memory of the sets of rows of all patches. Reads all handles and no rows.
    #[must_use]
    pub fn plane_size(&self) -> PlaneSize {
        let pairs = self.segments.iter().flat_map(|segment| segment.patches.iter());
        pairs.flat_map(|pair| [&pair.missing, &pair.installed]).fold(PlaneSize::default(), |sum, plane| {
            let (rows, shared) = match plane {
                Plane::Empty => (0, 0),
                Plane::Few(rows) => (size_of_val::<[u16]>(rows), SHARED),
                Plane::Many(_, words) => (size_of_val::<[u64]>(words), SHARED),
            };
            PlaneSize { rows: sum.rows + rows as u64, handles: sum.handles + (size_of::<Plane>() + shared) as u64 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::{AssetCard, Change, Fleet};
    use fettle_model::finding::Findings;
    use fettle_model::ids::{AssetId, PatchNo};
    use jiff::Timestamp;
    use std::sync::Arc;
    use uuid::Uuid;

    #[test]
    fn a_few_rows_take_two_bytes_each() {
        let fleet = Fleet::new(Arc::new(Catalog::build(0, Vec::new())));
        assert_eq!(fleet.view().plane_size(), PlaneSize::default());
        for number in 0..10 {
            let asset = AssetId(Uuid::from_u128(number));
            let findings = Findings { missing: vec![PatchNo(1)], installed: vec![PatchNo(2), PatchNo(3)] };
            let card = AssetCard::new(asset, format!("host-{number}"), Timestamp::UNIX_EPOCH);
            fleet.apply(vec![Change::Card(Box::new(card)), Change::Findings { asset, findings }]);
        }
        let size = fleet.view().plane_size();
        assert_eq!(size.rows, 3 * 10 * 2);
        assert_eq!(size.handles, (6 * size_of::<Plane>() + 3 * SHARED) as u64);
    }
}
