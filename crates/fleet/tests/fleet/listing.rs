//! Queries, orders, pages and facets of lists.

use crate::made::{asset_id, bookworm, id, numbered, patch, second, tag_id};
use fettle_fleet::{Applicable, AssetCard, Catalog, Change, Cursor, Fleet, Origin, PatchSelection, Purpose, ScopedView, Selection, Sorted};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::{PatchNo, UserId};
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Patch, PatchKind, Severity};
use fettle_model::tag::Tag;
use fettle_query::registry::{AssetField, PatchField, fields};
use fettle_query::{Checked, Context, Entity, check, registry::Key};
use jiff::tz::TimeZone;
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
    let tag = |n: u128| Tag { id: tag_id(n), name: format!("tag{n}"), parent: None, query: None };
    changes.push(Change::Tags(vec![tag(1), tag(2)]));
    changes.extend([findings(1, &[10, 20], &[30]), findings(2, &[30], &[10, 20]), findings(3, &[20, 30], &[])]);
    fleet.apply(changes);
    fleet
}

#[test]
fn a_row_keeps_what_it_was_made_from_until_it_is_told() {
    let fleet = fleet();
    let origin = || fleet.view().unscoped(Purpose::Upkeep).origin(asset_id(1));
    assert_eq!(origin(), Some(Origin::default()));
    let made = Origin { mark: 7, inventory: u64::MAX, generation: 3 };
    let edit = |with: Box<dyn FnOnce(&mut AssetCard) + Send>| fleet.apply(vec![Change::Edit { asset: asset_id(1), with }]);
    let version = fleet.view().version();
    edit(Box::new(move |card| card.origin = made));
    assert_eq!((origin(), fleet.view().version()), (Some(made), version + 1));
    edit(Box::new(move |card| card.origin = made));
    assert_eq!(fleet.view().version(), version + 1, "nothing is new");
    // A change of something else keeps it, also when the asset moves to another place.
    edit(Box::new(|card| card.name = "web9".to_owned()));
    edit(Box::new(|card| card.platform = Some(Platform::Windows)));
    assert_eq!(origin(), Some(made));
    assert_eq!(fleet.view().unscoped(Purpose::Upkeep).asset(asset_id(1)).map(|row| row.card.origin), Some(made));
    // Whoever gets the row next begins anew.
    fleet.apply(vec![Change::Remove(asset_id(1)), Change::Card(Box::new(card(1, "web1")))]);
    assert_eq!(origin(), Some(Origin::default()));
}

fn seen_by(scope: Scope) -> ScopedView {
    fleet().view().in_scope(&Actor::new(UserId(Uuid::nil()), Role::PatchReader, scope))
}

fn all() -> ScopedView {
    seen_by(Scope::Everything)
}

fn asked(entity: Entity, text: &str) -> Checked {
    let context = Context { now: second(1_000), zone: TimeZone::UTC };
    check(entity, text, &context).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn select(view: &ScopedView, text: &str) -> Selection {
    view.select(&asked(Entity::Asset, text)).expect("a query over assets")
}

fn names(selection: &Selection, sort: Sorted<AssetField>) -> Vec<String> {
    selection.rows(sort).expect("sortable").map(|row| row.card.name.clone()).collect()
}

#[rstest]
#[case("WEB", &["web1", "Web2"])]
#[case("alice", &["web1"])]
#[case("interfaces.address:192.0.2.0/24", &["web1"])]
#[case("ubuntu", &["db"])]
#[case("tags.name:[tag2, tag9]", &["db"])]
#[case("os.name:`Debian 12`", &["web1", "Web2"])]
#[case("platform:windows", &[])]
#[case("os.release:`debian/bookworm`", &["web1", "Web2"])]
#[case("scanStatus:[never_scanned, stale]", &["new"])]
#[case("lastCheckIn>=1970-01-01T00:05:00Z", &["Web2"])]
#[case("not lastCheckIn>=1970-01-01T00:05:00Z", &["db", "new", "web1"])]
#[case("missing.id:`new`", &["db", "web1"])]
#[case("installed.id:`plain`", &["web1"])]
#[case("missing.id:`unknown`", &[])]
#[case("rebootPending:yes", &["Web2"])]
#[case("missing.id:`new` tags.name:tag1", &["web1"])]
fn queries_over_assets(#[case] text: &str, #[case] expected: &[&str]) {
    let selection = select(&all(), text);
    assert_eq!(names(&selection, Sorted::ascending(AssetField::Name)), expected);
    let counted: u64 = selection.facet(AssetField::ScanStatus).iter().map(|(_, count)| count).sum();
    assert_eq!((selection.count(), counted), (u64::try_from(expected.len()).expect("few"), selection.count()));
}

#[rstest]
#[case(Sorted::ascending(AssetField::Name), &["db", "new", "web1", "Web2"])]
#[case(Sorted::descending(AssetField::Name), &["Web2", "web1", "new", "db"])]
#[case(Sorted::ascending(AssetField::LastScan), &["db", "new", "Web2", "web1"])]
#[case(Sorted::descending(AssetField::LastCheckIn), &["Web2", "web1", "new", "db"])]
#[case(Sorted::descending(AssetField::MissingCount), &["db", "web1", "Web2", "new"])]
#[case(Sorted::descending(AssetField::LatestMissingCount), &["db", "Web2", "web1", "new"])]
#[case(Sorted::ascending(AssetField::RebootPending), &["web1", "db", "new", "Web2"])]
fn orders_of_assets(#[case] sort: Sorted<AssetField>, #[case] expected: &[&str]) {
    assert_eq!(names(&all().everything(), sort), expected);
}

fn orders<F: Copy>(entity: Entity, of: fn(Key) -> Option<F>) -> impl Iterator<Item = Sorted<F>> {
    let sortable = fields(entity).iter().filter(|field| field.sortable).filter_map(move |field| of(field.key));
    sortable.flat_map(|field| [Sorted::ascending(field), Sorted::descending(field)])
}

#[test]
fn every_order_of_assets_pages_through_everything_once() {
    let everything = all().everything();
    for sort in orders(Entity::Asset, |key| if let Key::Asset(field) = key { Some(field) } else { None }) {
        let mut got = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let page = everything.page(sort, after.as_ref(), 1).expect("sortable");
            got.extend(page.items.iter().map(|row| row.card.name.clone()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(got, names(&everything, sort), "{sort:?}");
    }
}

#[test]
fn every_order_of_patches_pages_through_everything_once() {
    let patches = select_patches(&all(), "", Applicable::All);
    for sort in orders(Entity::Patch, |key| if let Key::Patch(field) = key { Some(field) } else { None }) {
        let whole: Vec<_> = patches.rows(sort).expect("sortable").map(|row| row.entry.patch.id.clone()).collect();
        let mut got = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let page = patches.page(sort, after.as_ref(), 2).expect("sortable");
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

#[test]
fn a_page_out_of_many_is_the_start_of_the_whole() {
    let fleet = Fleet::new(Arc::default());
    let many = (0..1_000).map(|n: u128| Change::Card(Box::new(card(n, &format!("host{}", n * 7919 % 100)))));
    fleet.apply(many.collect());
    let everything = fleet.view().unscoped(Purpose::Upkeep).everything();
    for sort in [Sorted::ascending(AssetField::Name), Sorted::descending(AssetField::Name)] {
        let whole: Vec<_> = everything.rows(sort).expect("sortable").map(|row| row.card.id).collect();
        let mut got = Vec::new();
        let mut after = None;
        loop {
            let page = everything.page(sort, after.as_ref(), 30).expect("sortable");
            assert_eq!(page.total, 1_000);
            got.extend(page.items.iter().map(|row| row.card.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(got, whole);
        assert_eq!(everything.page(sort, None, 0).expect("sortable").items.len(), 0);
    }
}

#[test]
fn a_page_goes_on_after_its_last_row_went_away() {
    let fleet = fleet();
    let sort = Sorted::ascending(AssetField::Name);
    let everything = || fleet.view().unscoped(Purpose::Upkeep).everything();
    let page = everything().page(sort, None, 2).expect("sortable");
    fleet.apply(vec![Change::Remove(asset_id(4)), Change::Card(Box::new(card(5, "aaa")))]);
    let rest = everything().page(sort, page.next.as_ref(), 9).expect("sortable");
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
fn facets_count_what_the_query_leaves() {
    let everything = all().everything();
    let counted = |values: &[(&str, u64)]| values.iter().map(|&(value, count)| (value.to_owned(), count)).collect::<Vec<_>>();
    assert_eq!(everything.facet(AssetField::OsName), counted(&[("Debian 12", 2), ("Ubuntu 22.04", 1)]));
    assert_eq!(everything.facet(AssetField::Tag), counted(&[("tag1", 2), ("tag2", 1)]));
    assert_eq!(everything.facet(AssetField::OsRelease), counted(&[("debian/bookworm", 2)]));
    assert_eq!(everything.facet(AssetField::ScanStatus), counted(&[("scanned", 2), ("never_scanned", 1), ("unsupported", 1)]));
    assert_eq!(select(&all(), "os.name:ubuntu").facet(AssetField::Tag), counted(&[("tag2", 1)]));
}

fn select_patches(view: &ScopedView, text: &str, which: Applicable) -> PatchSelection {
    view.select_patches(&asked(Entity::Patch, text), &view.everything(), which).expect("a query over patches")
}

fn patches(view: &ScopedView, text: &str, which: Applicable) -> Vec<(String, u64, u64)> {
    let rows = select_patches(view, text, which).rows(Sorted::ascending(PatchField::Id)).expect("sortable");
    rows.map(|row| (row.entry.patch.id.0.clone(), row.missing, row.installed)).collect()
}

#[test]
fn numbers_of_patches_are_those_of_the_scope() {
    let row = |id: &str, missing, installed| (id.to_owned(), missing, installed);
    let any = |view: &ScopedView| patches(view, "", Applicable::InView);
    assert_eq!(any(&all()), [row("new", 2, 1), row("old", 1, 1), row("plain", 2, 1)]);
    let scope = seen_by(Scope::Tags([tag_id(2)].into()));
    assert_eq!(any(&scope), [row("new", 1, 0), row("plain", 1, 0)]);
    assert_eq!(any(&seen_by(Scope::Tags(BTreeSet::new()))), []);
    assert_eq!(scope.patch(&id("old")).map(|row| (row.missing, row.installed)), Some((0, 0)));
    assert!(scope.patch(&id("unknown")).is_none());
}

#[rstest]
#[case("", Applicable::All, &["new", "off", "old", "plain", "unused"])]
#[case("isSuperseded:no", Applicable::InView, &["new", "plain"])]
#[case("patchStatus:installed", Applicable::InView, &["new", "old", "plain"])]
#[case("category:non-security", Applicable::InView, &["plain"])]
#[case("vendorSeverity:critical", Applicable::InView, &["new"])]
#[case("type:application", Applicable::All, &["unused"])]
#[case("cve:`CVE-2026-1`", Applicable::InView, &["old"])]
#[case("cve:`CVE-2026-11`", Applicable::InView, &[])]
#[case("dsa-1", Applicable::InView, &["new"])]
#[case("cve-2026", Applicable::InView, &["old"])]
fn queries_over_patches(#[case] text: &str, #[case] which: Applicable, #[case] expected: &[&str]) {
    let view = all();
    let ids: Vec<String> = patches(&view, text, which).into_iter().map(|(id, _, _)| id).collect();
    assert_eq!(ids, expected);
    let counted: u64 = select_patches(&view, text, which).facet(PatchField::Category).iter().map(|(_, count)| count).sum();
    assert_eq!(counted, u64::try_from(expected.len()).expect("few"));
}

#[test]
fn what_is_out_of_scope_does_not_exist() {
    let scope = seen_by(Scope::Tags([tag_id(2)].into()));
    assert!(scope.asset(asset_id(1)).is_none() && scope.findings(asset_id(1)).is_none());
    assert_eq!(scope.finding(asset_id(1), &id("new")), None);
    assert_eq!(scope.finding(asset_id(3), &id("new")), Some(FindingStatus::Missing));
    assert_eq!(select(&scope, "missing.id:`new`").ids().collect::<Vec<_>>(), [asset_id(3)]);
    assert_eq!(scope.tag_counts(), BTreeMap::from([(tag_id(2), 1)]));
    assert_eq!((scope.only(asset_id(3)).count(), scope.only(asset_id(1)).count(), scope.only(asset_id(9)).count()), (1, 0, 0));
    let (whole, part) = (all().everything(), select(&all(), "web"));
    assert_eq!(whole.beyond(&part).collect::<BTreeSet<_>>(), [asset_id(3), asset_id(4)].into());
    assert_eq!(part.beyond(&whole).count(), 0);
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

#[test]
fn a_version_that_is_kept_says_what_it_said_of_a_row_that_another_asset_has_now() {
    let fleet = Fleet::new(Arc::new(Catalog::build(1, Vec::new())));
    let card = |number: u128| Change::Card(Box::new(card(number, &format!("web{number}"))));
    fleet.apply(vec![card(1), card(2)]);
    fleet.seen(asset_id(1), second(100));
    fleet.seen(asset_id(2), second(200));
    let kept = fleet.view().unscoped(Purpose::Upkeep);
    fleet.apply(vec![Change::Remove(asset_id(1))]);
    fleet.apply(vec![card(3)]);
    fleet.seen(asset_id(3), second(300));
    let seen = |view: &ScopedView, number| view.asset(asset_id(number)).and_then(|row| row.last_check_in);
    assert_eq!((seen(&kept, 1), seen(&kept, 2), seen(&kept, 3)), (Some(second(100)), Some(second(200)), None));
    let now = fleet.view().unscoped(Purpose::Upkeep);
    assert_eq!((seen(&now, 1), seen(&now, 2), seen(&now, 3)), (None, Some(second(200)), Some(second(300))));
}
