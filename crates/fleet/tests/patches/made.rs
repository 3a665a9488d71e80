//! Random patches with few different values, so that questions meet them.

use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, KnownExploited, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::Rule;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Words of values; some differ in case and accents only, some begin alike.
pub(crate) const WORDS: &[&str] = &["openssl", "OpenSSL", "open", "libssl3", "Sécurité", "securite", "3.0.14", "3.0", "Größe", "x", "CVE"];

/// Separators of words; a dot between letters is none.
const BETWEEN: &[&str] = &[" ", "-", ".", "/", " — ", "_"];

/// The moment tests happen at.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("in range")
}

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() - days * 86_400).expect("in range")
}

/// A value made of some words; may be empty, as titles of bad feeds are.
pub(crate) fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec((select(WORDS), select(BETWEEN)), 0..4).prop_map(|parts| {
        let joined: String = parts.iter().flat_map(|(word, between)| [*word, *between]).collect();
        let end = parts.last().map_or(0, |(_, between)| between.len());
        joined[..joined.len() - end].to_owned()
    })
}

fn some<T: Clone + std::fmt::Debug + 'static>(all: &'static [T], most: usize) -> impl Strategy<Value = Vec<T>> {
    subsequence(all, 0..=most)
}

fn scores() -> impl Strategy<Value = Scores> {
    let due = proptest::option::of(select(vec![date(2026, 9, 20), date(2026, 9, 21), date(2026, 9, 22)]));
    (
        proptest::option::of(select(vec![0_u8, 45, 70, 98, 100])),
        proptest::option::of(select(vec![0_u32, 5_000, 500_000, 1_000_000])),
        proptest::option::of(due.prop_map(|due| KnownExploited { due })),
        proptest::option::of(select(vec!["KB5031356", "KB503", "5031356"])),
    )
        .prop_map(|(cvss_tenths, epss_ppm, kev, kb)| Scores { cvss_tenths, epss_ppm, kev, kb: kb.map(str::to_owned) })
}

/// A patch without an id and without what it replaces.
fn patch() -> impl Strategy<Value = Patch> {
    const CVES: &[&str] = &["CVE-2023-4863", "CVE-2023-48", "CVE-2024-4863", "CVE-2024-1"];
    const PRODUCTS: &[&str] = &["debian/bookworm", "Debian/Bookworm", "ubuntu/jammy", "windows 11"];
    let texts = (text(), text(), text(), proptest::option::of(text()), text());
    let lists = (some(CVES, 3), some(PRODUCTS, 2), some(&["amd64", "arm64", "all"], 2));
    let choices = (select(Category::ALL), select(Severity::ALL), select(PatchKind::ALL), select(Reboot::ALL), select(Platform::ALL));
    let moments = (proptest::option::of(0_i64..5), proptest::option::of(0_i64..5));
    let rest = (scores(), proptest::option::of(select(vec![0_u64, 1, 1_000_000, 5_000_000_000])), any::<bool>(), any::<bool>());
    (texts, lists, choices, moments, rest).prop_map(|(texts, lists, choices, moments, rest)| Patch {
        id: PatchId(String::new()),
        title: texts.0,
        vendor: texts.1,
        app_family: texts.2,
        bulletin: texts.3,
        source: texts.4,
        description: String::new(),
        cves: lists.0.into_iter().map(str::to_owned).collect(),
        products: lists.1.into_iter().map(str::to_owned).collect(),
        architectures: lists.2.into_iter().map(str::to_owned).collect(),
        category: choices.0,
        vendor_severity: choices.1,
        kind: choices.2,
        reboot: choices.3,
        platform: choices.4,
        published_at: moments.0.map(days_ago),
        modified_at: moments.1.map(days_ago),
        scores: rest.0,
        download: rest.1.map_or(Download::AcquireFromVendor { link: String::new() }, |size| Download::PackageManager { size }),
        rollback: if rest.2 { Rollback::No } else { Rollback::PreviousVersion { packages: Vec::new() } },
        enabled: rest.3,
        advisory_url: None,
        supersedes: Vec::new(),
        rule: Rule::Dpkg { release: ReleaseKey::new("debian", "bookworm"), binaries: Vec::new(), sources: Vec::new() },
        baseline: false,
    })
}

/// Patches with numbers that have gaps; some replace others.
pub(crate) fn patches(most: usize) -> impl Strategy<Value = Vec<(PatchNo, Patch)>> {
    let one = (patch(), proptest::collection::vec(0_usize..most, 0..3), 1_u32..4, text());
    proptest::collection::vec(one, 0..most).prop_map(|made| {
        let id = |n: usize| PatchId(format!("P{n}:{}", made.get(n).map_or("gone", |(_, _, _, text)| text)));
        let mut no = 0;
        let numbered = made.iter().enumerate().map(|(n, (patch, olders, gap, _))| {
            no += gap;
            let patch = Patch { id: id(n), supersedes: olders.iter().map(|&older| id(older)).collect(), ..patch.clone() };
            (PatchNo(no), patch)
        });
        numbered.collect()
    })
}
