//! The rule of dpkg packages, case by case, and the fast assessment against the slow one.

use crate::judged_slowly;
use crate::made::{binary, built, id, inventory, numbered, package, patch};
use fettle_fleet::{Assessment, Assessor, Catalog};
use fettle_model::finding::{FindingCounts, Findings};
use fettle_model::ids::PatchNo;
use fettle_model::inventory::{Inventory, Package, PackageState};
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Patch, Rollback};
use fettle_model::rule::{BinaryVersion, Rule, SourceVersion};
use proptest::prelude::*;
use rstest::rstest;
use std::sync::Arc;

fn assess(patches: Vec<Patch>, inventory: &Inventory) -> Findings {
    match Assessor::new(Arc::new(Catalog::build(1, numbered(patches)))).assess(inventory) {
        Assessment::Findings(findings) => findings,
        Assessment::Unsupported { why } => panic!("{why}"),
    }
}

/// `missing`, `installed` or `-` for the one patch.
fn verdict(patch: Patch, packages: Vec<Package>) -> &'static str {
    match assess(vec![patch], &inventory(packages)) {
        Findings { missing, .. } if !missing.is_empty() => "missing",
        Findings { installed, .. } if !installed.is_empty() => "installed",
        _ => "-",
    }
}

#[rstest]
#[case::below("openssl=2", "missing")]
#[case::equal("openssl=3", "installed")]
#[case::equal_written_differently("openssl=3-0", "installed")]
#[case::above("openssl=3.1", "installed")]
#[case::tilde_is_below("openssl=3~rc1", "missing")]
#[case::epoch_is_above("openssl=1:2", "installed")]
#[case::other_name("openssh=2", "-")]
#[case::other_architecture("openssl:i386=2", "-")]
#[case::not_a_version("openssl=not a version", "-")]
fn a_binary_package_is_judged_by_its_name_and_architecture(#[case] there: &str, #[case] expected: &str) {
    assert_eq!(verdict(patch("P", &["openssl=3"], &[]), vec![package(there)]), expected);
}

#[test]
fn one_package_below_is_enough() {
    let fix = || patch("P", &["openssl=3", "libssl3=3", "libssl3:i386=3"], &[]);
    assert_eq!(verdict(fix(), vec![package("libssl3=3"), package("openssl=2")]), "missing");
    assert_eq!(verdict(fix(), vec![package("libssl3=3"), package("libssl3:i386=2")]), "missing");
    assert_eq!(verdict(fix(), vec![package("libssl3=3"), package("openssl=4")]), "installed");
}

#[test]
fn independent_of_the_architecture_fits_every_one() {
    assert_eq!(verdict(patch("P", &["tzdata:all=2"], &[]), vec![package("tzdata=1")]), "missing");
    assert_eq!(verdict(patch("P", &["tzdata:all=2"], &[]), vec![package("tzdata:i386=1")]), "missing");
    assert_eq!(verdict(patch("P", &["tool=2"], &[]), vec![package("tool:all=1")]), "missing", "counts as the machine's own");
    assert_eq!(verdict(patch("P", &["tool:i386=2"], &[]), vec![package("tool:all=1")]), "-");
}

#[test]
fn sources_judge_what_no_binary_entry_does() {
    let fix = || patch("P", &["openssl=3+b1"], &["openssl=3"]);
    assert_eq!(verdict(fix(), vec![built("libssl-dev=2", "openssl=2")]), "missing");
    assert_eq!(verdict(fix(), vec![built("libssl-dev=2", "openssl=3")]), "installed", "the source's version, not the binary's");
    assert_eq!(verdict(fix(), vec![built("openssl=3", "openssl=3")]), "missing", "the binary entry alone");
    assert_eq!(verdict(fix(), vec![built("openssl=3+b1", "openssl=2")]), "installed", "the binary entry alone");
    assert_eq!(verdict(fix(), vec![built("openssl-tool=1", "other=1")]), "-");
}

#[test]
fn held_packages_miss_patches_and_removed_ones_do_not() {
    let fix = || patch("P", &["openssl=3"], &[]);
    assert_eq!(verdict(fix(), vec![Package { held: true, ..package("openssl=2") }]), "missing");
    for &state in PackageState::ALL {
        let expected = if state == PackageState::ConfigFiles { "-" } else { "missing" };
        assert_eq!(verdict(fix(), vec![Package { state, ..package("openssl=2") }]), expected, "{state}");
    }
}

#[test]
fn a_baseline_can_be_missing_and_is_no_achievement() {
    let base = || Patch { baseline: true, ..patch("P", &["openssl=3"], &[]) };
    assert_eq!(verdict(base(), vec![package("openssl=2")]), "missing");
    assert_eq!(verdict(base(), vec![package("openssl=3")]), "-");
}

#[test]
fn what_is_switched_off_makes_no_finding() {
    let off = Patch { enabled: false, ..patch("P", &["openssl=3"], &[]) };
    assert_eq!(assess(vec![off, patch("Q", &["zlib=1"], &[])], &inventory(vec![package("openssl=2")])), Findings::default());
}

#[test]
fn what_cannot_be_assessed_says_why() {
    let assessor = Assessor::new(Arc::new(Catalog::build(1, numbered(vec![patch("P", &["openssl=3"], &[])]))));
    let why = |change: fn(&mut Inventory)| {
        let mut inventory = inventory(vec![package("openssl=2")]);
        change(&mut inventory);
        match assessor.assess(&inventory) {
            Assessment::Unsupported { why } => why,
            Assessment::Findings(findings) => panic!("{findings:?}"),
        }
    };
    assert!(why(|inventory| inventory.os.codename = "sid".to_owned()).contains("no feed of this server covers debian/sid"));
    assert!(why(|inventory| inventory.os.codename = String::new()).contains("VERSION_CODENAME"));
    assert!(why(|inventory| inventory.os.platform = Platform::Windows).contains("no feed of this server covers"));
    let evaluation = |inventory: &mut Inventory| {
        (inventory.os.platform, inventory.os.name) = (Platform::Windows, "Windows 10 Enterprise Evaluation".to_owned());
    };
    assert!(why(evaluation).contains("evaluation edition"));
}

#[test]
fn counters_look_at_supersedence_and_category() {
    let old = Patch { category: Category::Security, ..patch("old", &["openssl=2"], &[]) };
    let new = Patch { category: Category::Security, supersedes: vec![id("old")], ..patch("new", &["openssl=3"], &[]) };
    let patches = vec![old, new, patch("plain", &["zlib=2"], &[]), patch("there", &["zlib=1"], &[])];
    let catalog = Catalog::build(1, numbered(patches.clone()));
    let findings = assess(patches, &inventory(vec![package("openssl=1"), package("zlib=1")]));
    assert_eq!(findings, Findings { missing: vec![PatchNo(10), PatchNo(20), PatchNo(30)], installed: vec![PatchNo(40)] });
    let expected = FindingCounts {
        missing: 3,
        missing_by_severity: [3, 0, 0, 0, 0],
        missing_security: 2,
        latest_missing: 2,
        latest_missing_security: 1,
        installed: 1,
        latest_installed: 1,
        risk: 3 + 1,
    };
    assert_eq!(catalog.counts(&findings), expected);
}

#[test]
fn only_what_is_there_and_below_is_installed() {
    let fix = patch("P", &["openssl=3", "libssl3=3", "libssl3:i386=3", "libssl-doc:all=3"], &["openssl=3"]);
    let catalog = Catalog::build(1, numbered(vec![fix]));
    let gone = Package { state: PackageState::ConfigFiles, ..package("libssl3:i386=1") };
    let there =
        inventory(vec![package("libssl-doc:all=2"), package("libssl3=4"), gone, package("openssl=2"), built("other=1", "openssl=1")]);
    assert_eq!(catalog.missing_packages(PatchNo(10), &there), [binary("libssl-doc:all=3"), binary("openssl=3")]);
    let mut elsewhere = there;
    elsewhere.os.codename = "trixie".to_owned();
    assert_eq!(catalog.missing_packages(PatchNo(10), &elsewhere), []);
    assert_eq!(catalog.missing_packages(PatchNo(11), &elsewhere), []);
}

#[test]
fn taking_back_lowers_what_is_above() {
    let rollback = Rollback::PreviousVersion { packages: vec![binary("openssl=2"), binary("libssl3=2"), binary("absent=2")] };
    let fix = Patch { rollback, ..patch("P", &["openssl=3", "libssl3=3", "absent=3"], &[]) };
    let catalog = Catalog::build(1, numbered(vec![fix, patch("Q", &["openssl=3"], &[])]));
    let there = inventory(vec![package("libssl3=2"), package("openssl=3")]);
    assert_eq!(catalog.rollback_packages(PatchNo(10), &there), [binary("openssl=2")]);
    assert_eq!(catalog.rollback_packages(PatchNo(20), &there), []);
}

fn few(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(words).prop_map(str::to_owned)
}

fn version() -> impl Strategy<Value = String> {
    few(&["1", "1.0", "1.0-1", "1.0-1+b1", "1.0~rc1", "2", "1:0.5", "2.0-1~deb12u1", "no version"])
}

pub(crate) fn a_patch() -> impl Strategy<Value = Patch> {
    let binary = (few(&["a", "b", "c"]), few(&["amd64", "i386", "all"]), version())
        .prop_map(|(name, architecture, version)| BinaryVersion { name, architecture, version });
    let source = (few(&["a", "s"]), version()).prop_map(|(name, version)| SourceVersion { name, version });
    let rule = (few(&["bookworm", "trixie"]), proptest::collection::vec(binary, 0..4), proptest::collection::vec(source, 0..3));
    (rule, any::<bool>(), proptest::bool::weighted(0.8)).prop_map(|((codename, mut binaries, mut sources), baseline, enabled)| {
        // A fixed version that is none judges nothing, which the slow reading says of the whole patch.
        binaries.retain(|entry| entry.version != "no version");
        sources.retain(|entry| entry.version != "no version");
        let rule = Rule::Dpkg { release: ReleaseKey::new("debian", &codename), binaries, sources };
        Patch { rule, baseline, enabled, ..patch("P", &[], &[]) }
    })
}

pub(crate) fn a_package() -> impl Strategy<Value = Package> {
    let names = (few(&["a", "b", "c", "d"]), few(&["amd64", "i386", "all"]), few(&["a", "s"]));
    (names, version(), version(), proptest::sample::select(PackageState::ALL), any::<bool>()).prop_map(
        |((name, architecture, source), version, source_version, state, held)| Package {
            name,
            architecture,
            version,
            source,
            source_version,
            state,
            held,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fast_and_slow_agree(
        patches in proptest::collection::vec(a_patch(), 1..12),
        hosts in proptest::collection::vec(proptest::collection::vec(a_package(), 0..8), 1..4),
    ) {
        let named = |(n, patch): (usize, Patch)| Patch { id: id(&format!("P{n}")), ..patch };
        let patches = numbered(patches.into_iter().enumerate().map(named).collect());
        let assessor = Assessor::new(Arc::new(Catalog::build(1, patches.clone())));
        for packages in hosts {
            let inventory = inventory(packages);
            // Twice: the second time everything is remembered.
            for _ in 0..2 {
                if let Assessment::Findings(findings) = assessor.assess(&inventory) {
                    prop_assert_eq!(findings, judged_slowly::findings(&patches, &inventory));
                }
            }
        }
    }

    #[test]
    fn what_is_missing_by_binaries_has_packages_that_mend_it(
        patches in proptest::collection::vec(a_patch(), 1..6),
        packages in proptest::collection::vec(a_package(), 0..6),
    ) {
        let no_sources = |(n, mut patch): (usize, Patch)| {
            let Rule::Dpkg { sources, .. } = &mut patch.rule else { panic!("a rule over dpkg packages") };
            sources.clear();
            Patch { id: id(&format!("P{n}")), ..patch }
        };
        let patches = numbered(patches.into_iter().enumerate().map(no_sources).collect());
        let catalog = Arc::new(Catalog::build(1, patches.clone()));
        let inventory = inventory(packages);
        if let Assessment::Findings(findings) = Assessor::new(Arc::clone(&catalog)).assess(&inventory) {
            for (no, _) in patches.iter().filter(|(_, patch)| patch.enabled) {
                prop_assert_eq!(findings.missing.contains(no), !catalog.missing_packages(*no, &inventory).is_empty());
            }
        }
    }
}
