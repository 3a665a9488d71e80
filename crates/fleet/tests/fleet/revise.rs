//! Assessing what a new catalog changes, against assessing everything.

use crate::assessment::{a_package, a_patch};
use crate::made::{id, inventory, numbered, package, patch};
use fettle_fleet::{Assessment, Assessor, Catalog, Outcome, Revision, SoftwareList};
use fettle_model::finding::Findings;
use fettle_model::ids::PatchNo;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use fettle_model::rule::Rule;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What becomes of one patch in the new catalog.
#[derive(Debug, Clone)]
enum Fate {
    Stays,
    Goes,
    IsReplaced(Box<Patch>),
    IsSwitched,
    IsBaseline,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Stays),
        1 => Just(Fate::Goes),
        2 => a_patch().prop_map(|patch| Fate::IsReplaced(Box::new(patch))),
        1 => Just(Fate::IsSwitched),
        1 => Just(Fate::IsBaseline),
    ]
}

/// A patch that no machine has anything to do with: releases stay covered when all others go.
fn cover(codename: &str) -> Patch {
    let mut cover = patch(&format!("cover-{codename}"), &["nothing=1"], &[]);
    let Rule::Dpkg { release, .. } = &mut cover.rule else { panic!("a rule over dpkg packages") };
    *release = ReleaseKey::new("debian", codename);
    cover
}

fn catalogs(patches: &[(Patch, Fate)], more: Vec<Patch>) -> (Arc<Catalog>, Arc<Catalog>) {
    let named = |n: usize, patch: Patch| Patch { id: id(&format!("P{n}")), ..patch };
    let before: Vec<Patch> = patches.iter().enumerate().map(|(n, (patch, _))| named(n, patch.clone())).collect();
    let old = numbered([cover("bookworm")].into_iter().chain(before).collect());
    let mut new = old.clone();
    for (at, (_, fate)) in patches.iter().enumerate().rev() {
        let (_, patch) = &mut new[at + 1];
        match fate {
            Fate::Stays => {}
            Fate::Goes => _ = new.remove(at + 1),
            Fate::IsReplaced(by) => *patch = named(at, Patch::clone(by)),
            Fate::IsSwitched => patch.enabled = !patch.enabled,
            Fate::IsBaseline => patch.baseline = !patch.baseline,
        }
    }
    let later = (5_000..).map(PatchNo).zip(more.into_iter().enumerate().map(|(n, patch)| named(1_000 + n, patch)));
    new.extend(later);
    (Arc::new(Catalog::build(1, old)), Arc::new(Catalog::build(2, new)))
}

/// Machines that have most packages in common, so that their lists are differences.
fn machines() -> impl Strategy<Value = Vec<Inventory>> {
    let own = proptest::collection::vec(a_package(), 0..7);
    let machine = (own, any::<bool>(), 0_usize..3).prop_map(|(own, trixie, left_out)| {
        let common = (left_out..60).map(|n| package(&format!("common{n:02}=1")));
        let shared = ["a=1", "b=1.0-1", "c=2"].map(package);
        let mut inventory = inventory(common.chain(shared).chain(own).collect());
        if trixie {
            inventory.os.codename = "trixie".to_owned();
        }
        inventory
    });
    proptest::collection::vec(machine, 1..12)
}

fn whole(assessor: &Assessor, inventory: &Inventory) -> Option<Findings> {
    match assessor.assess(inventory) {
        Assessment::Findings(findings) => Some(findings),
        Assessment::Unsupported { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_parts_or_as_a_whole_is_the_same(
        patches in proptest::collection::vec((a_patch(), fate()), 1..12),
        more in proptest::collection::vec(a_patch(), 0..5),
        machines in machines(),
    ) {
        let (old, new) = catalogs(&patches, more);
        let before = Assessor::new(Arc::clone(&old));
        let kept: Vec<(&Inventory, Option<Findings>, SoftwareList)> = machines
            .iter()
            .map(|inventory| (inventory, whole(&before, inventory), before.assess_and_keep(inventory).1.expect("room")))
            .collect();
        let revision = Revision::between(&old, &new);
        let outcomes = revision.outcomes(before.software());
        let after = Assessor::with(new, Arc::clone(before.software()));
        let mut all = BTreeMap::new();
        after.reassess_all(|list, findings| assert!(all.insert(list, findings.clone()).is_none(), "each list once"));
        for (inventory, findings, list) in kept {
            prop_assert_eq!(all.get(&list.id()).cloned(), after.reassess(&list));
            let expected = whole(&after, inventory);
            prop_assert_eq!(after.reassess(&list), expected.clone());
            let revised = match outcomes.of(&list) {
                Outcome::Same => findings,
                Outcome::Changed(changed) => findings.map(|mut findings| {
                    revision.revise(&mut findings, changed);
                    findings
                }),
                Outcome::Anew => after.reassess(&list),
            };
            prop_assert_eq!(revised, expected, "{:?}", outcomes.of(&list));
        }
    }
}

fn one(patches: Vec<Patch>, generation: u64) -> Arc<Catalog> {
    Arc::new(Catalog::build(generation, numbered(patches)))
}

#[test]
fn only_machines_with_the_package_are_touched() {
    let old = one(vec![patch("P", &["zlib=1"], &[])], 1);
    let new = one(vec![patch("P", &["zlib=1"], &[]), patch("Q", &["openssl=3"], &[])], 2);
    let assessor = Assessor::new(Arc::clone(&old));
    let keep = |packages: Vec<Package>| assessor.assess_and_keep(&inventory(packages)).1.expect("room");
    let (with, without) = (keep(vec![package("openssl=2"), package("zlib=1")]), keep(vec![package("zlib=1")]));
    let revision = Revision::between(&old, &new);
    assert_eq!(revision.patches(), [PatchNo(20)]);
    let outcomes = revision.outcomes(assessor.software());
    assert_eq!(outcomes.of(&without), Outcome::Same);
    let changed = Findings { missing: vec![PatchNo(20)], installed: vec![] };
    assert_eq!(outcomes.of(&with), Outcome::Changed(&changed));
    let later = keep(vec![package("openssl=1")]);
    assert_eq!(outcomes.of(&later), Outcome::Anew, "came after the outcomes were made");
    let nothing = Revision::between(&new, &new);
    assert!(nothing.patches().is_empty());
    assert_eq!(nothing.outcomes(assessor.software()).of(&with), Outcome::Same);
}

#[test]
fn titles_and_dates_change_no_finding() {
    let old = one(vec![patch("P", &["zlib=1"], &[])], 1);
    let new = one(vec![Patch { title: "another".to_owned(), ..patch("P", &["zlib=1"], &[]) }], 2);
    assert!(Revision::between(&old, &new).patches().is_empty());
}

#[test]
fn a_list_in_the_place_of_one_that_is_gone_is_a_later_one() {
    let old = one(vec![patch("P", &["zlib=1"], &[])], 1);
    let new = one(vec![patch("P", &["zlib=1"], &[]), patch("Q", &["openssl=3"], &[])], 2);
    let assessor = Assessor::new(Arc::clone(&old));
    let keep = |name: String| assessor.software().list(&inventory(vec![package(&name)])).expect("room");
    // More than what makes the table look for lists that nobody has any more.
    let gone: BTreeSet<_> = (0..1_100).map(|n| keep(format!("gone{n}=1")).id()).collect();
    let outcomes = Revision::between(&old, &new).outcomes(assessor.software());
    let mut later = (0..1_100).map(|n| keep(format!("openssl=2.{n}")));
    let again = later.find(|list| gone.contains(&list.id())).expect("ids are given anew");
    assert_eq!(outcomes.of(&again), Outcome::Anew);
}
