//! Filters, orders, pages and facets of lists.

use crate::made::{asset_id, bookworm, id, numbered, patch, second, tag_id};
use fettle_fleet::{
    AssetCard, AssetFilter, AssetSort, Catalog, Change, Cursor, Fleet, PatchFilter, PatchSort, Purpose, ScopedView, Seen, Sorted,
};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::{PatchNo, UserId};
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Patch, PatchKind, Severity};
use rstest::rstest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

fn card(n: u128, name: &str) -> AssetCard {
    AssetCard::new(asset_id(n), name.to_owned(), second(0))
}

/// web1 and Web2 carry tag 1, db carries tag 2, new was never scanned and carries nothing.
fn fleet() -> Fleet {
    let web1 = AssetCard {
        platform: Some(Platform::Linux),
        os_name: "Debian 12".to_owned(),
        architecture: "amd64".to_owned(),
        release: Some(bookworm()),
        tags: BTreeSet::from([tag_id(1)]),
        scan_status: ScanStatus::Scanned,
        last_scan: Some(second(100)),
        last_check_in: Some(second(200)),
        logged_on_user: Some("Alice".to_owned()),
        addresses: vec!["192.0.2.7".to_owned()],
        ..card(1, "web1")
    };
    let web2 = AssetCard { last_scan: Some(second(90)), pending_reboot: true, logged_on_user: None, ..web1.clone() };
    let web2 = AssetCard { id: asset_id(2), name: "Web2".to_owned(), addresses: Vec::new(), last_check_in: Some(second(300)), ..web2 };
    let db = AssetCard {
        os_name: "Ubuntu 22.04".to_owned(),
        tags: BTreeSet::from([tag_id(2)]),
        scan_status: ScanStatus::Unsupported,
        ..card(3, "db")
    };
    let old = Patch { category: Category::Security, cves: vec!["CVE-2026-1".to_owned()], ..patch("old", &[], &[]) };
    let new = Patch {
        supersedes: vec![id("old")],
        category: Category::Security,
        vendor_severity: Severity::Critical,
        published_at: Some(second(50)),
        bulletin: Some("DSA-1".to_owned()),
        ..patch("new", &[], &[])
    };
    let unused = Patch { kind: PatchKind::Application, ..patch("unused", &[], &[]) };
    let off = Patch { enabled: false, ..patch("off", &[], &[]) };
    let fleet = Fleet::new(Arc::new(Catalog::build(1, numbered(vec![old, new, patch("plain", &[], &[]), unused, off]))));
    let findings = |n, missing: &[u32], installed: &[u32]| {
        let list = |numbers: &[u32]| numbers.iter().map(|&no| PatchNo(no)).collect();
        Change::Findings { asset: asset_id(n), findings: Findings { missing: list(missing), installed: list(installed) } }
    };
    let mut changes: Vec<Change> = [web1, web2, db, card(4, "new")].into_iter().map(|card| Change::Card(Box::new(card))).collect();
    changes.extend([findings(1, &[10, 20], &[30]), findings(2, &[30], &[10, 20]), findings(3, &[20, 30], &[])]);
    fleet.apply(changes);
    fleet
}

fn seen_by(scope: Scope) -> ScopedView {
    fleet().view().in_scope(&Actor::new(UserId(Uuid::nil()), Role::PatchReader, scope))
}

fn all() -> ScopedView {
    seen_by(Scope::Everything)
}

fn names(view: &ScopedView, filter: &AssetFilter, sort: Sorted<AssetSort>) -> Vec<String> {
    view.all_assets(filter, sort).iter().map(|row| row.card.name.clone()).collect()
}

#[rstest]
#[case(AssetFilter { text: Some("WEB".into()), ..Default::default() }, &["web1", "Web2"])]
#[case(AssetFilter { text: Some("alice".into()), ..Default::default() }, &["web1"])]
#[case(AssetFilter { text: Some("192.0.2".into()), ..Default::default() }, &["web1"])]
#[case(AssetFilter { text: Some("ubuntu".into()), ..Default::default() }, &["db"])]
#[case(AssetFilter { tags: Some([tag_id(2), tag_id(9)].into()), ..Default::default() }, &["db"])]
#[case(AssetFilter { tags: Some(BTreeSet::new()), ..Default::default() }, &[])]
#[case(AssetFilter { os: BTreeSet::from(["Debian 12".into()]), ..Default::default() }, &["web1", "Web2"])]
#[case(AssetFilter { platform: Some(Platform::Windows), ..Default::default() }, &[])]
#[case(AssetFilter { release: BTreeSet::from([bookworm()]), ..Default::default() }, &["web1", "Web2"])]
#[case(AssetFilter { scan_status: BTreeSet::from([ScanStatus::NeverScanned, ScanStatus::Stale]), ..Default::default() }, &["new"])]
#[case(AssetFilter { seen: Some(Seen::Since(second(300))), ..Default::default() }, &["Web2"])]
#[case(AssetFilter { seen: Some(Seen::NotSince(second(300))), ..Default::default() }, &["db", "new", "web1"])]
#[case(AssetFilter { missing_patch: Some(id("new")), ..Default::default() }, &["db", "web1"])]
#[case(AssetFilter { installed_patch: Some(id("plain")), ..Default::default() }, &["web1"])]
#[case(AssetFilter { missing_patch: Some(id("unknown")), ..Default::default() }, &[])]
#[case(AssetFilter { pending_reboot: Some(true), ..Default::default() }, &["Web2"])]
#[case(AssetFilter { missing_patch: Some(id("new")), tags: Some([tag_id(1)].into()), ..Default::default() }, &["web1"])]
fn filters_of_assets(#[case] filter: AssetFilter, #[case] expected: &[&str]) {
    let view = all();
    assert_eq!(names(&view, &filter, Sorted::ascending(AssetSort::Name)), expected);
    let facets = view.asset_facets(&filter);
    assert_eq!(facets.scan_status.values().sum::<u64>(), u64::try_from(expected.len()).expect("few"));
}

#[rstest]
#[case(Sorted::ascending(AssetSort::Name), &["db", "new", "web1", "Web2"])]
#[case(Sorted::descending(AssetSort::Name), &["Web2", "web1", "new", "db"])]
#[case(Sorted::ascending(AssetSort::LastScan), &["db", "new", "Web2", "web1"])]
#[case(Sorted::descending(AssetSort::LastCheckIn), &["Web2", "web1", "new", "db"])]
#[case(Sorted::descending(AssetSort::Missing), &["db", "web1", "Web2", "new"])]
#[case(Sorted::descending(AssetSort::LatestMissing), &["db", "Web2", "web1", "new"])]
#[case(Sorted::ascending(AssetSort::PendingReboot), &["web1", "db", "new", "Web2"])]
fn orders_of_assets(#[case] sort: Sorted<AssetSort>, #[case] expected: &[&str]) {
    assert_eq!(names(&all(), &AssetFilter::default(), sort), expected);
}

#[test]
fn every_order_pages_through_everything_once() {
    let view = all();
    for &by in AssetSort::ALL {
        for sort in [Sorted::ascending(by), Sorted::descending(by)] {
            let mut got = Vec::new();
            let mut after: Option<Cursor> = None;
            loop {
                let page = view.assets(&AssetFilter::default(), sort, after.as_ref(), 1);
                got.extend(page.items.iter().map(|row| row.card.name.clone()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(got, names(&view, &AssetFilter::default(), sort), "{sort:?}");
        }
    }
    for &by in PatchSort::ALL {
        for sort in [Sorted::ascending(by), Sorted::descending(by)] {
            let filter = PatchFilter { all: true, ..Default::default() };
            let whole: Vec<_> = view.all_patches(&filter, sort).iter().map(|row| row.entry.patch.id.clone()).collect();
            let mut got = Vec::new();
            let mut after: Option<Cursor> = None;
            loop {
                let page = view.patches(&filter, sort, after.as_ref(), 2);
                assert_eq!(page.total, 5);
                got.extend(page.items.iter().map(|row| row.entry.patch.id.clone()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(got, whole, "{sort:?}");
        }
    }
}

#[test]
fn a_page_out_of_many_is_the_start_of_the_whole() {
    let fleet = Fleet::new(Arc::default());
    let many = (0..1_000).map(|n: u128| Change::Card(Box::new(card(n, &format!("host{}", n * 7919 % 100)))));
    fleet.apply(many.collect());
    let view = fleet.view().unscoped(Purpose::Upkeep);
    for sort in [Sorted::ascending(AssetSort::Name), Sorted::descending(AssetSort::Name)] {
        let ids = |rows: Vec<fettle_fleet::AssetRow>| rows.iter().map(|row| row.card.id).collect::<Vec<_>>();
        let whole = ids(view.all_assets(&AssetFilter::default(), sort));
        let mut got = Vec::new();
        let mut after = None;
        loop {
            let page = view.assets(&AssetFilter::default(), sort, after.as_ref(), 30);
            assert_eq!(page.total, 1_000);
            got.extend(ids(page.items));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(got, whole);
        assert_eq!(view.assets(&AssetFilter::default(), sort, None, 0).items.len(), 0);
    }
}

#[test]
fn a_page_goes_on_after_its_last_row_went_away() {
    let fleet = fleet();
    let sort = Sorted::ascending(AssetSort::Name);
    let page = fleet.view().unscoped(Purpose::Upkeep).assets(&AssetFilter::default(), sort, None, 2);
    fleet.apply(vec![Change::Remove(asset_id(4)), Change::Card(Box::new(card(5, "aaa")))]);
    let rest = fleet.view().unscoped(Purpose::Upkeep).assets(&AssetFilter::default(), sort, page.next.as_ref(), 9);
    let rest: Vec<&str> = rest.items.iter().map(|row| row.card.name.as_str()).collect();
    assert_eq!(rest, ["web1", "Web2"]);
}

#[test]
fn a_damaged_cursor_is_refused() {
    for text in ["", "0", "zz", "ff", "00ff", &"00".repeat(5_000), "é1"] {
        assert!(text.parse::<Cursor>().is_err(), "{text:?}");
    }
}

#[test]
fn facets_count_what_the_filter_leaves() {
    let facets = all().asset_facets(&AssetFilter::default());
    assert_eq!(facets.os, BTreeMap::from([("Debian 12".to_owned(), 2), ("Ubuntu 22.04".to_owned(), 1)]));
    assert_eq!(facets.tags, BTreeMap::from([(tag_id(1), 2), (tag_id(2), 1)]));
    assert_eq!(facets.release, BTreeMap::from([(bookworm(), 2)]));
    let scanned = [(ScanStatus::NeverScanned, 1), (ScanStatus::Scanned, 2), (ScanStatus::Unsupported, 1)];
    assert_eq!(facets.scan_status, BTreeMap::from(scanned));
}

fn patches(view: &ScopedView, filter: &PatchFilter) -> Vec<(String, u64, u64)> {
    let rows = view.all_patches(filter, Sorted::ascending(PatchSort::Id));
    rows.iter().map(|row| (row.entry.patch.id.0.clone(), row.missing, row.installed)).collect()
}

#[test]
fn numbers_of_patches_are_those_of_the_scope() {
    let row = |id: &str, missing, installed| (id.to_owned(), missing, installed);
    let any = PatchFilter::default();
    assert_eq!(patches(&all(), &any), [row("new", 2, 1), row("old", 1, 1), row("plain", 2, 1)]);
    let scope = seen_by(Scope::Tags([tag_id(2)].into()));
    assert_eq!(patches(&scope, &any), [row("new", 1, 0), row("plain", 1, 0)]);
    assert_eq!(patches(&seen_by(Scope::Tags(BTreeSet::new())), &any), []);
    assert_eq!(scope.patch(&id("old")).map(|row| (row.missing, row.installed)), Some((0, 0)));
    assert!(scope.patch(&id("unknown")).is_none());
}

#[rstest]
#[case(PatchFilter { all: true, ..Default::default() }, &["new", "off", "old", "plain", "unused"])]
#[case(PatchFilter { latest: true, ..Default::default() }, &["new", "plain"])]
#[case(PatchFilter { status: Some(FindingStatus::Installed), ..Default::default() }, &["new", "old", "plain"])]
#[case(PatchFilter { category: BTreeSet::from([Category::NonSecurity]), ..Default::default() }, &["plain"])]
#[case(PatchFilter { severity: BTreeSet::from([Severity::Critical]), ..Default::default() }, &["new"])]
#[case(PatchFilter { kind: Some(PatchKind::Application), all: true, ..Default::default() }, &["unused"])]
#[case(PatchFilter { cve: Some("CVE-2026-1".into()), ..Default::default() }, &["old"])]
#[case(PatchFilter { cve: Some("CVE-2026-11".into()), ..Default::default() }, &[])]
#[case(PatchFilter { text: Some("dsa-".into()), ..Default::default() }, &["new"])]
#[case(PatchFilter { text: Some("cve-2026".into()), ..Default::default() }, &["old"])]
#[case(PatchFilter { release: BTreeSet::from([bookworm()]), ..Default::default() }, &["new", "old", "plain"])]
fn filters_of_patches(#[case] filter: PatchFilter, #[case] expected: &[&str]) {
    let view = all();
    let ids: Vec<String> = patches(&view, &filter).into_iter().map(|(id, _, _)| id).collect();
    assert_eq!(ids, expected);
    assert_eq!(view.patch_facets(&filter).category.values().sum::<u64>(), u64::try_from(expected.len()).expect("few"));
}

#[test]
fn what_is_out_of_scope_does_not_exist() {
    let scope = seen_by(Scope::Tags([tag_id(2)].into()));
    assert!(scope.asset(asset_id(1)).is_none() && scope.findings(asset_id(1)).is_none());
    assert_eq!(scope.finding(asset_id(1), &id("new")), None);
    assert_eq!(scope.finding(asset_id(3), &id("new")), Some(FindingStatus::Missing));
    assert_eq!(scope.assets_with(&id("new"), FindingStatus::Missing), [asset_id(3)]);
    assert_eq!(scope.asset_facets(&AssetFilter::default()).tags, BTreeMap::from([(tag_id(2), 1)]));
    let totals = scope.totals();
    assert_eq!((totals.assets, totals.assets_missing, totals.assets_missing_security, totals.latest_missing), (1, 1, 1, 2));
}

#[test]
fn a_check_in_is_seen_without_a_new_version() {
    let fleet = fleet();
    let view = fleet.view();
    fleet.seen(asset_id(3), second(999));
    fleet.seen(asset_id(3), second(5));
    fleet.seen(asset_id(77), second(5));
    assert_eq!(fleet.view().version(), view.version());
    let row = fleet.view().unscoped(Purpose::Upkeep).asset(asset_id(3)).expect("there");
    assert_eq!(row.last_check_in, Some(second(999)));
    fleet.apply(vec![Change::Edit { asset: asset_id(3), with: Box::new(|card| card.name = "renamed".to_owned()) }]);
    let row = fleet.view().unscoped(Purpose::Upkeep).asset(asset_id(3)).expect("there");
    assert_eq!((row.card.name.as_str(), row.last_check_in), ("renamed", Some(second(999))));
}

#[test]
fn an_edit_cannot_change_the_id() {
    let fleet = fleet();
    fleet.apply(vec![Change::Edit { asset: asset_id(3), with: Box::new(|card| card.id = asset_id(1)) }]);
    let view = fleet.view().unscoped(Purpose::Upkeep);
    assert_eq!(view.asset(asset_id(3)).map(|row| row.card.id), Some(asset_id(3)));
    assert_eq!(view.totals().assets, 4);
}
