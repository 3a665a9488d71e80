//! Which patch replaces which.

use crate::made::{id, numbered, patch, second};
use fettle_fleet::Catalog;
use fettle_model::patch::Patch;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A patch that replaces others, published at a second.
fn replacing(name: &str, olders: &[&str], at: i64) -> Patch {
    Patch { supersedes: olders.iter().map(|older| id(older)).collect(), published_at: Some(second(at)), ..patch(name, &[], &[]) }
}

fn superseded(catalog: &Catalog) -> BTreeSet<&str> {
    catalog.entries().filter(|entry| entry.superseded).map(|entry| entry.patch.id.as_str()).collect()
}

#[test]
fn it_goes_over_others_and_past_what_is_unknown() {
    let catalog =
        Catalog::build(1, numbered(vec![replacing("C", &["B", "Unknown"], 3), replacing("A", &[], 1), replacing("B", &["A"], 2)]));
    assert_eq!(superseded(&catalog), BTreeSet::from(["A", "B"]));
    let [a, b, c] = ["A", "B", "C"].map(|name| catalog.by_id(&id(name)).expect("known"));
    assert_eq!((&a.superseded_by, &b.supersedes, &c.supersedes), (&vec![b.no], &vec![a.no], &vec![b.no]));
    assert!(catalog.broken_edges().is_empty());
}

#[test]
fn a_patch_that_is_switched_off_hides_nothing_and_still_links() {
    let off = |name: &str, olders: &[&str], at| Patch { enabled: false, ..replacing(name, olders, at) };
    let withdrawn = Catalog::build(1, numbered(vec![off("B", &["A"], 2), replacing("A", &[], 1)]));
    assert_eq!(superseded(&withdrawn), BTreeSet::new());
    let linked = Catalog::build(1, numbered(vec![replacing("C", &["B"], 3), off("B", &["A"], 2), replacing("A", &[], 1)]));
    assert_eq!(superseded(&linked), BTreeSet::from(["A", "B"]));
}

#[test]
fn in_a_cycle_the_later_one_replaces_the_earlier() {
    let catalog = Catalog::build(1, numbered(vec![replacing("A", &["B"], 5), replacing("B", &["C"], 4), replacing("C", &["A"], 3)]));
    assert_eq!(superseded(&catalog), BTreeSet::from(["B", "C"]));
    let broken: Vec<_> = catalog.broken_edges().iter().map(|edge| (edge.newer.as_str(), edge.older.as_str())).collect();
    assert_eq!(broken, [("C", "A")]);
}

#[test]
fn a_patch_cannot_replace_itself() {
    let catalog = Catalog::build(1, numbered(vec![replacing("A", &["A"], 5)]));
    assert_eq!(superseded(&catalog), BTreeSet::new());
    assert_eq!(catalog.broken_edges().len(), 1);
}

#[test]
fn a_chain_of_a_hundred_thousand_is_no_danger() {
    let name = |n: i64| format!("P{n:06}");
    let patches = (0..100_000).map(|n| replacing(&name(n), &[&name(n - 1)], n)).collect();
    let catalog = Catalog::build(1, numbered(patches));
    assert_eq!(catalog.entries().filter(|entry| !entry.superseded).count(), 1);
}

#[test]
fn of_two_records_with_one_id_the_greater_number_counts() {
    let older = Patch { title: "older".to_owned(), ..patch("A", &[], &[]) };
    let newer = Patch { title: "newer".to_owned(), ..patch("A", &[], &[]) };
    let catalog = Catalog::build(1, numbered(vec![older, newer]));
    assert_eq!(catalog.len(), 1);
    assert_eq!(catalog.by_id(&id("A")).expect("known").patch.title, "newer");
}

/// Up to eight patches that claim to replace each other as they like.
fn claims() -> impl Strategy<Value = Vec<(i64, bool, BTreeSet<usize>)>> {
    proptest::collection::vec((0_i64..3, any::<bool>(), proptest::collection::btree_set(0_usize..8, 0..4)), 1..8)
}

proptest! {
    #[test]
    fn the_outcome_is_free_of_cycles_and_of_the_order_of_the_list(claims in claims(), rotation in 0_usize..8) {
        let name = |n: usize| format!("P{n}");
        let made = |(n, (at, enabled, olders)): (usize, &(i64, bool, BTreeSet<usize>))| Patch {
            supersedes: olders.iter().map(|&older| id(&name(older))).collect(),
            enabled: *enabled,
            ..replacing(&name(n), &[], *at)
        };
        let mut patches: Vec<Patch> = claims.iter().enumerate().map(made).collect();
        let catalog = Catalog::build(1, numbered(patches.clone()));
        let at = rotation % patches.len();
        patches.rotate_left(at);
        patches.reverse();
        let other = Catalog::build(1, numbered(patches));
        prop_assert_eq!(superseded(&catalog), superseded(&other));
        prop_assert_eq!(catalog.broken_edges(), other.broken_edges());

        // What is left goes from nowhere back to itself, and superseded is what an enabled patch reaches.
        let mut reached = BTreeSet::new();
        for start in catalog.entries() {
            let mut seen = BTreeSet::new();
            let mut open = start.supersedes.clone();
            while let Some(no) = open.pop() {
                prop_assert_ne!(no, start.no, "a cycle is left");
                if seen.insert(no) {
                    open.extend(&catalog.get(no).expect("known").supersedes);
                }
            }
            if start.patch.enabled {
                reached.extend(seen);
            }
        }
        let superseded: BTreeSet<_> = catalog.entries().filter(|entry| entry.superseded).map(|entry| entry.no).collect();
        prop_assert_eq!(superseded, reached);
    }
}
