//! What is derived at once is what scan after scan makes.

use super::*;
use crate::catalog::Catalog;
use crate::index::rescan::Scans;
use crate::index::spares::Spares;
use fettle_model::finding::Findings;
use fettle_model::ids::{AssetId, PatchNo};
use proptest::prelude::*;
use uuid::Uuid;

/// Patches of the segment; more than a word of columns.
const PATCHES: u32 = 150;

/// A segment whose row `n` has these findings, and where every fifth row was given back.
fn segment(rows: &[(Vec<u32>, Vec<u32>)]) -> Segment {
    let catalog = Catalog::default();
    let mut segment = Segment::default();
    let numbers = |list: &[u32]| list.iter().map(|&no| PatchNo(no)).collect();
    for (n, (missing, installed)) in (0..).zip(rows) {
        let row = segment.occupy(AssetId(Uuid::from_u128(n))).expect("room");
        segment.set_findings(row, &Findings { missing: numbers(missing), installed: numbers(installed) }, &catalog, &mut Scans::default());
    }
    for row in (0..u16::try_from(rows.len()).expect("small")).filter(|row| row % 5 == 4) {
        segment.vacate(row, &catalog);
    }
    segment.flush(0, &mut Spares::default());
    segment
}

/// Gives each column another weight, as a catalog would.
fn weigh(segment: &mut Segment, weights: &[(u16, bool, u8)]) {
    let weight = |&(classes, is_known, risk): &(u16, bool, u8)| {
        let severity = classes % 5;
        Weight { classes: classes & 0x7fe0 | 1 << severity, is_known, risk }
    };
    let weights = (0..segment.columns.len()).zip(weights.iter().cycle()).map(|(_, kind)| weight(kind)).collect();
    segment.reweigh(weights);
}

fn stripped(segment: &Segment) -> Segment {
    let mut rows = Segment {
        live: segment.live.clone(),
        columns: Arc::clone(&segment.columns),
        weights: Arc::clone(&segment.weights),
        found: segment.found.clone(),
        ..Segment::default()
    };
    (0..segment.end()).for_each(|row| rows.numbers.reach(u16::try_from(row).expect("small")));
    rows
}

fn rows_of(plane: &Plane) -> Vec<u16> {
    assert_eq!(plane.iter().count(), usize::try_from(plane.count()).expect("small"));
    plane.iter().collect()
}

/// Rows by column and status, rows by status and class, counters by row.
type Told = (Vec<[Vec<u16>; 2]>, Vec<Vec<u16>>, Vec<Tally>);

fn told(segment: &Segment) -> Told {
    let planes = segment.patches.iter().map(|pair| [rows_of(&pair.missing), rows_of(&pair.installed)]).collect();
    let classes = segment.classes.iter().flatten().map(rows_of).collect();
    let rows = (0..segment.end()).map(|row| segment.numbers.tally(u16::try_from(row).expect("small")));
    (planes, classes, rows.collect())
}

fn findings() -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
    let kind = prop_oneof![4 => Just(0), 2 => Just(1), 3 => Just(2)];
    proptest::collection::vec(kind, usize::try_from(PATCHES).expect("small")).prop_map(|kinds| {
        let those = |wanted: u32| (1..).zip(&kinds).filter(|(_, kind)| **kind == wanted).map(|(no, _)| no).collect();
        (those(1), those(2))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_once_is_as_one_by_one(
        some in proptest::collection::vec(findings(), 0..12),
        repeat in 0_usize..120,
        weights in proptest::collection::vec((any::<u16>(), any::<bool>(), any::<u8>()), 1..200),
    ) {
        let rows: Vec<_> = some.iter().cycle().take(some.len() * repeat).cloned().collect();
        let mut expected = segment(&rows);
        weigh(&mut expected, &weights);
        let mut scratch = Scratch::default();
        for most_columns in [0, MOST_COLUMNS, MOST_COLUMNS] {
            let mut derived = stripped(&expected);
            prop_assert_eq!(derive(&mut derived, &mut scratch, most_columns), Ok(()));
            prop_assert_eq!(told(&derived), told(&expected));
        }
    }
}
