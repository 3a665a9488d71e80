//! What is exported is what is imported, full or as changes.

use crate::made::{Catalog, Feed, base, export, import, small};
use fettle_catalog::bundle::{Carries, Held};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn any_records(carries: Carries) -> impl Strategy<Value = BTreeMap<String, u32>> {
    let key = move |number: u16| match carries {
        Carries::Patches => format!("debian:p{number}@1"),
        Carries::Facts => format!("CVE-2024-{}", 1000 + number),
    };
    proptest::collection::btree_map((0..12_u16).prop_map(key), 0..3_u32, 0..10)
}

fn any_feed() -> impl Strategy<Value = Feed> {
    prop_oneof![Just(Carries::Patches), Just(Carries::Facts)]
        .prop_flat_map(|carries| any_records(carries).prop_map(move |records| Feed { carries, records }))
}

fn any_catalog() -> impl Strategy<Value = Catalog> {
    proptest::collection::btree_map(0..4_u8, any_feed(), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_full_bundle_brings_the_catalog(catalog in any_catalog(), before in any_catalog()) {
        let (bytes, written) = export(&catalog, 1, None);
        prop_assert_eq!(import(&bytes, &before).expect("imports"), catalog);
        prop_assert_eq!(Held::from_bytes(&written.held.to_bytes().expect("packed")).expect("unpacked"), written.held);
    }

    #[test]
    fn changes_bring_what_a_full_bundle_brings(first in any_catalog(), second in any_catalog(), third in any_catalog()) {
        let (full, one) = export(&first, 1, None);
        let there = import(&full, &Catalog::new()).expect("imports");
        let (delta, two) = export(&second, 2, Some(base(&one)));
        let there = import(&delta, &there).expect("imports");
        prop_assert_eq!(&there, &second);
        let (delta, _) = export(&third, 3, Some(base(&two)));
        prop_assert_eq!(import(&delta, &there).expect("imports"), third);
    }

    #[test]
    fn unchanged_records_are_not_written_again(catalog in any_catalog()) {
        let (_, one) = export(&catalog, 1, None);
        let (_, two) = export(&catalog, 2, Some(base(&one)));
        prop_assert!(two.manifest.feeds.iter().all(|entry| !entry.whole && entry.written + entry.gone + entry.member.size == 0));
        prop_assert_eq!(one.held, two.held);
    }
}

#[test]
fn the_same_catalog_makes_the_same_bytes() {
    assert_eq!(export(&small(), 1, None).0, export(&small(), 1, None).0);
}

#[test]
fn the_manifest_is_readable_for_people() {
    let (_, written) = export(&small(), 12, None);
    insta::assert_snapshot!(serde_json::to_string_pretty(&written.manifest).expect("JSON"));
}
