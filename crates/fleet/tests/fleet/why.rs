//! Explanations: they always agree with the assessor, and say what people need.

use crate::assessment::{a_package, a_patch};
use crate::made::{asset_id, bookworm, built, id, inventory, numbered, package, patch, second, tag_id};
use fettle_fleet::{
    Assessment, Assessor, AssetCard, Catalog, Change, Decision, Fleet, JudgedBy, NotApplicable, Purpose, ScopedView, Why, why,
};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::UserId;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::patch::{Category, Patch};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// A fleet of one asset, `web1`, assessed.
fn fleet(patches: Vec<Patch>, inventory: &Inventory, change: impl FnOnce(&mut AssetCard)) -> Fleet {
    let fleet = Fleet::new(Arc::new(Catalog::build(1, numbered(patches))));
    let mut card = AssetCard::new(asset_id(1), "web1".to_owned(), second(0));
    card.scan_status = ScanStatus::Scanned;
    card.last_scan = Some(second(1_700_000_000));
    card.tags = BTreeSet::from([tag_id(1)]);
    change(&mut card);
    let findings = match fleet.assessor().assess(inventory) {
        Assessment::Findings(findings) => findings,
        Assessment::Unsupported { .. } => Default::default(),
    };
    fleet.apply(vec![Change::Card(Box::new(card)), Change::Findings { asset: asset_id(1), findings }]);
    fleet
}

fn everything(fleet: &Fleet) -> ScopedView {
    fleet.view().unscoped(Purpose::Upkeep)
}

fn explain(patches: Vec<Patch>, packages: Vec<Package>, patch: &str) -> Why {
    let inventory = inventory(packages);
    let fleet = fleet(patches, &inventory, |_| ());
    why(&everything(&fleet), asset_id(1), &id(patch), &inventory).expect("in scope")
}

fn because(why: &Why) -> &NotApplicable {
    match &why.decision {
        Decision::NotApplicable { because } => because,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_package_that_decides_is_named_with_both_versions() {
    let fix = patch("P", &["openssl=3.0.2", "libssl3=3.0.2"], &[]);
    let why = explain(vec![fix], vec![package("libssl3=3.0.2"), package("openssl=3.0.1"), package("zlib=1")], "P");
    assert_eq!(why.decision, Decision::Missing);
    assert_eq!(why.listed, Some(FindingStatus::Missing));
    assert_eq!(why.judged.len(), 2);
    assert_eq!(
        why.sentences,
        [
            "web1 misses P: 1 of the 2 packages it speaks of is below the version that has the fix.",
            "openssl (amd64) 3.0.1 is below 3.0.2.",
            "libssl3 (amd64) 3.0.2 is not below 3.0.2.",
            "The scan of 2023-11-14T22:13:20Z shows this.",
        ]
    );
}

#[test]
fn a_source_judges_what_no_binary_entry_does() {
    let fix = patch("P", &["openssl=3+b1"], &["openssl=3"]);
    let why = explain(vec![fix], vec![built("libssl-dev=7", "openssl=2"), package("openssl=4")], "P");
    assert_eq!(why.judged[0].by, JudgedBy::Source { source: "openssl".to_owned() });
    assert_eq!((why.judged[0].installed.as_str(), why.judged[0].below), ("2", Some(true)));
    assert_eq!(why.judged[1].by, JudgedBy::Binary { architecture: "amd64".to_owned() });
    assert!(why.sentences.iter().any(|told| told == "libssl-dev (amd64), built from openssl 2, is below 3."), "{:#?}", why.sentences);
}

#[test]
fn what_does_not_apply_says_why() {
    let on = || patch("P", &["openssl=3"], &[]);
    let there = || vec![package("openssl=3")];
    assert_eq!(explain(vec![on()], there(), "P").decision, Decision::Installed);
    assert_eq!(because(&explain(vec![on()], vec![package("zlib=1")], "P")), &NotApplicable::NothingPresent);
    assert_eq!(because(&explain(vec![on()], vec![package("openssl=no version")], "P")), &NotApplicable::UnreadableVersions);
    let off = Patch { enabled: false, ..on() };
    assert_eq!(because(&explain(vec![off, patch("Q", &["zlib=1"], &[])], there(), "P")), &NotApplicable::Disabled);
    let base = Patch { baseline: true, ..on() };
    assert_eq!(because(&explain(vec![base], there(), "P")), &NotApplicable::Baseline);
}

#[test]
fn another_release_and_an_unsupported_system_are_told_apart() {
    let mut elsewhere = inventory(vec![package("openssl=1")]);
    elsewhere.os.codename = "trixie".to_owned();
    let told = |patches| {
        let fleet = fleet(patches, &elsewhere, |_| ());
        why(&everything(&fleet), asset_id(1), &id("P"), &elsewhere).expect("in scope")
    };
    let unsupported = told(vec![patch("P", &["openssl=3"], &[])]);
    assert!(
        matches!(because(&unsupported), NotApplicable::Unsupported { why } if why.contains("no feed of this server covers debian/trixie"))
    );
    let mut covered = patch("Q", &["zlib=3"], &[]);
    let fettle_model::rule::Rule::Dpkg { release, .. } = &mut covered.rule else { panic!("a rule over dpkg packages") };
    *release = elsewhere.os.release().expect("a release");
    let other = told(vec![patch("P", &["openssl=3"], &[]), covered.clone()]);
    let found = elsewhere.os.release().expect("a release");
    assert_eq!(because(&other), &NotApplicable::OtherRelease { wanted: bookworm(), found });
    assert!(other.judged.is_empty());
}

#[test]
fn held_packages_and_successors_are_told() {
    let of = |name: &str, version: &str, older: &[&str]| Patch {
        category: Category::Security,
        supersedes: older.iter().map(|older| id(older)).collect(),
        ..patch(name, &[&format!("openssl={version}")], &[])
    };
    let patches = vec![of("old", "2", &[]), of("mid", "3", &["old"]), of("new", "4", &["mid"])];
    let why = explain(patches, vec![Package { held: true, ..package("openssl=1") }], "old");
    assert!(why.superseded && why.judged[0].held);
    let chain: Vec<(&str, &str, bool)> = why.superseded_by.iter().map(|s| (s.id.as_str(), s.replaces.as_str(), s.latest)).collect();
    assert_eq!(chain, [("mid", "old", false), ("new", "mid", true)]);
    assert_eq!(why.superseded_by[1].listed, Some(FindingStatus::Missing));
    let text = why.sentences.join("\n");
    assert!(text.contains("openssl (amd64) is held on the machine"), "{text}");
    assert!(text.contains("mid replaces it; the latest of 2 that do is new."), "{text}");
}

#[test]
fn old_evidence_is_no_proof() {
    let there = inventory(vec![package("openssl=3")]);
    for (status, fresh) in
        [(ScanStatus::Scanned, true), (ScanStatus::Scanning, true), (ScanStatus::Stale, false), (ScanStatus::ScanFailed, false)]
    {
        let fleet = fleet(vec![patch("P", &["openssl=3"], &[])], &there, |card| card.scan_status = status);
        let why = why(&everything(&fleet), asset_id(1), &id("P"), &there).expect("in scope");
        assert_eq!(why.evidence.fresh, fresh, "{status}");
        assert_eq!(why.sentences.iter().any(|told| told.contains("unknown, not as compliant")), !fresh, "{:#?}", why.sentences);
    }
}

#[test]
fn lists_that_lag_behind_are_named() {
    let before = inventory(vec![package("openssl=2")]);
    let fleet = fleet(vec![patch("P", &["openssl=3"], &[])], &before, |_| ());
    let why = why(&everything(&fleet), asset_id(1), &id("P"), &inventory(vec![package("openssl=3")])).expect("in scope");
    assert_eq!((why.decision.finding(), why.listed), (Some(FindingStatus::Installed), Some(FindingStatus::Missing)));
    assert!(why.sentences.last().is_some_and(|told| told.starts_with("Lists show it as missing")), "{:#?}", why.sentences);
}

#[test]
fn out_of_scope_there_is_nothing_to_explain() {
    let there = inventory(vec![package("openssl=2")]);
    let fleet = fleet(vec![patch("P", &["openssl=3"], &[])], &there, |_| ());
    let view = |tag| fleet.view().in_scope(&Actor::new(UserId(Uuid::nil()), Role::PatchReader, Scope::Tags(BTreeSet::from([tag_id(tag)]))));
    assert!(why(&view(1), asset_id(1), &id("P"), &there).is_some());
    assert_eq!(why(&view(2), asset_id(1), &id("P"), &there), None);
    assert_eq!(why(&view(1), asset_id(2), &id("P"), &there), None);
    assert_eq!(why(&view(1), asset_id(1), &id("Q"), &there), None);
}

#[test]
fn it_can_be_sent() {
    let why = explain(vec![patch("P", &["openssl=3"], &[])], vec![package("openssl=2")], "P");
    let json = serde_json::to_value(&why).expect("JSON");
    assert_eq!(json["decision"], serde_json::json!({ "status": "missing" }));
    assert_eq!(json["judged"][0]["by"], serde_json::json!({ "entry": "binary", "architecture": "amd64" }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_explanation_is_the_finding(
        patches in proptest::collection::vec(a_patch(), 1..10),
        packages in proptest::collection::vec(a_package(), 0..8),
    ) {
        let named = |(n, patch): (usize, Patch)| Patch { id: id(&format!("P{n}")), ..patch };
        let patches: Vec<Patch> = patches.into_iter().enumerate().map(named).collect();
        let inventory = inventory(packages);
        let assessment = Assessor::new(Arc::new(Catalog::build(1, numbered(patches.clone())))).assess(&inventory);
        let fleet = fleet(patches.clone(), &inventory, |_| ());
        let view = everything(&fleet);
        for (no, patch) in numbered(patches) {
            let why = why(&view, asset_id(1), &patch.id, &inventory).expect("in scope");
            match &assessment {
                Assessment::Findings(findings) => {
                    let expected = match (findings.missing.contains(&no), findings.installed.contains(&no)) {
                        (true, _) => Some(FindingStatus::Missing),
                        (_, true) => Some(FindingStatus::Installed),
                        _ => None,
                    };
                    prop_assert_eq!(why.decision.finding(), expected, "{:#?}", why);
                    prop_assert_eq!(why.listed, expected);
                }
                Assessment::Unsupported { why: reason } => {
                    prop_assert_eq!(because(&why), &NotApplicable::Unsupported { why: reason.clone() });
                }
            }
        }
    }
}
