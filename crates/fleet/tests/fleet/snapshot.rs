//! The index as a file: packages come back with their lists, damage is told, and nothing that is written there panics.

use crate::made::{asset_id, inventory, numbered, package, patch, second, tag_id};
use fettle_fleet::{Assessment, AssetCard, AssetRow, Catalog, Change, Fleet, LoadError, Origin, Purpose, ScopedView, Snapshot};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::{FindingCounts, Findings};
use fettle_model::ids::PatchNo;
use fettle_model::inventory::Inventory;
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Patch};
use fettle_model::tag::Tag;
use fettle_query::{Context, Entity, check};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Assets of the fleet; enough that lists of packages differ from one another by a little.
const ASSETS: u128 = 90;
const OWNER: [u8; 16] = [3; 16];
/// Bytes before the first section, and before each section.
const HEADER: usize = 32;
const FRAME: usize = 24;

fn catalog(generation: u64, names: &[&str]) -> Arc<Catalog> {
    let patches = names.iter().map(|name| {
        let plain = patch(name, &[&format!("{name}=2")], &[]);
        if name.len() > 2 { Patch { category: Category::Security, ..plain } } else { plain }
    });
    Arc::new(Catalog::build(generation, numbered(patches.collect())))
}

fn machine(n: u128) -> Inventory {
    let version = |k: u128| if (n + k).is_multiple_of(7) { 2 } else { 1 };
    let some = (0..60).map(|k| package(&format!("lib{k}={}", if k % 50 == n % 50 { 9 } else { 1 })));
    inventory(some.chain([package(&format!("a={}", version(0))), package(&format!("ssl={}", version(1)))]).collect())
}

fn card(n: u128) -> AssetCard {
    AssetCard {
        platform: Some(Platform::Linux),
        os_name: "Debian 12".to_owned(),
        scan_status: if n.is_multiple_of(11) { ScanStatus::Stale } else { ScanStatus::Scanned },
        last_scan: Some(second(100)),
        last_check_in: Some(second(200)),
        tags: BTreeSet::from([tag_id(n % 3)]),
        addresses: vec!["192.0.2.7".to_owned(), "fe80::1".to_owned(), "?".to_owned()],
        macs: vec!["00:16:3e:01:02:03".to_owned()],
        disk_free: Some(5),
        origin: Origin { mark: 7, inventory: 8, generation: 9 },
        ..AssetCard::new(asset_id(n), format!("Web{n}"), second(1))
    }
}

fn fleet() -> Fleet {
    let fleet = Fleet::new(catalog(1, &["a", "ssl", "never"]));
    let tag = |n: u128| Tag { id: tag_id(n), name: format!("t{n}"), parent: (n > 0).then(|| tag_id(n - 1)), query: None };
    fleet.apply(vec![Change::Tags((0..3).map(tag).collect())]);
    (0..ASSETS).for_each(|n| scan(&fleet, n, n));
    fleet.apply(vec![Change::Remove(asset_id(5)), Change::Remove(asset_id(ASSETS - 1))]);
    fleet
}

/// Asset `n` is scanned and found to be as `machine` says.
fn scan(fleet: &Fleet, n: u128, like: u128) {
    let (assessment, software) = fleet.assessor().assess_and_keep(&machine(like));
    let Assessment::Findings(findings) = assessment else { panic!("Debian can be assessed") };
    let card = AssetCard { software, ..card(n) };
    fleet.apply(vec![Change::Card(Box::new(card)), Change::Findings { asset: asset_id(n), findings }]);
}

fn saved(fleet: &Fleet) -> Vec<u8> {
    let mut file = Vec::new();
    fleet.view().save(OWNER, &mut file).expect("memory takes everything");
    file
}

fn load(file: &[u8], catalog: Arc<Catalog>) -> Result<Fleet, LoadError> {
    let len = u64::try_from(file.len()).expect("fits");
    let snapshot = Snapshot::open(len, |at, bytes: &mut [u8]| {
        let from = usize::try_from(at).expect("fits");
        bytes.copy_from_slice(file.get(from..from + bytes.len()).expect("nothing outside of the file is asked for"));
        Ok(())
    })?;
    assert_eq!(snapshot.owner(), OWNER, "damage of the owner is told");
    snapshot.load(catalog)
}

/// Everything a fleet says. Lists of packages are compared by what is judged of them.
fn told(fleet: &Fleet) -> Vec<String> {
    let view: ScopedView = fleet.view().unscoped(Purpose::Upkeep).at(second(1_000));
    let assessor = fleet.assessor();
    let asset = |n: u128| {
        let AssetRow { card, counts, last_check_in } = view.asset(asset_id(n))?;
        let software = card.software.clone().map(|list| (list.len(), assessor.reassess(&list)));
        let card = AssetCard { software: None, ..AssetCard::clone(&card) };
        Some(format!("{card:?} {counts:?} {last_check_in:?} {software:?} {:?}", view.findings(asset_id(n))))
    };
    let mut all: Vec<String> = (0..ASSETS + 10).filter_map(asset).collect();
    let context = Context { now: second(1_000), zone: TimeZone::UTC };
    for text in
        ["software:(name:lib3 and version>=9)", "missing.name:ssl", "tags.name:t0", "name:web1*", "missingCount>=1", "os.family:linux"]
    {
        let query = check(Entity::Asset, text, &context).expect("a query");
        let selection = view.select(&query).expect("asks for assets");
        all.push(format!("{text} {:?} {}", selection.ids().collect::<Vec<_>>(), selection.unknown()));
    }
    all.push(format!("{:?} {:?}", view.totals(), view.tag_counts()));
    all
}

#[test]
fn everything_comes_back_and_goes_on_alike() {
    let before = fleet();
    let after = load(&saved(&before), catalog(1, &["a", "ssl", "never"])).expect("whole");
    assert_eq!(told(&after), told(&before));
    assert_eq!(after.view().version(), 0);
    let (was, is) = (before.view().software().size(), after.view().software().size());
    assert!(was.whole_lists < was.lists, "some lists are differences: {was:?}");
    assert!(is.lists <= was.lists && is.packages == was.packages, "lists of removed assets are left out: {is:?}");
    for fleet in [&before, &after] {
        scan(fleet, 5, 77);
        scan(fleet, 8, 1_000);
        fleet.apply(vec![Change::Remove(asset_id(9))]);
        fleet.seen(asset_id(10), second(900));
    }
    assert_eq!(told(&after), told(&before));
    let size = after.view().software().size();
    scan(&after, 8, 77);
    assert_eq!(after.view().software().size().lists, size.lists, "a list that came back is found again");
    assert_eq!(told(&load(&saved(&after), Arc::clone(after.view().catalog())).expect("whole")), told(&after));
}

#[test]
fn a_row_that_was_free_knows_nothing_of_who_had_it() {
    let fleet = fleet();
    let loaded = load(&saved(&fleet), catalog(1, &["a", "ssl", "never"])).expect("whole");
    let newcomer = AssetCard::new(asset_id(1_000), "newcomer".to_owned(), second(500));
    loaded.apply(vec![Change::Card(Box::new(newcomer.clone()))]);
    let row = loaded.view().unscoped(Purpose::Upkeep).asset(asset_id(1_000)).expect("it is there");
    assert_eq!((&*row.card, row.last_check_in, row.counts), (&newcomer, None, FindingCounts::default()));
}

#[rstest]
#[case::another(&["a", "other", "ssl"])]
#[case::fewer(&["a"])]
#[case::none(&[])]
fn another_catalog_is_as_if_it_had_come_while_running(#[case] names: &[&str]) {
    let before = fleet();
    let after = load(&saved(&before), catalog(2, names)).expect("whole");
    before.apply(vec![Change::Catalog(catalog(2, names))]);
    assert_eq!(told(&after), told(&before));
}

#[test]
fn a_save_is_of_one_version() {
    let fleet = fleet();
    let (view, expected) = (fleet.view(), told(&fleet));
    let mut file = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| (0..200).for_each(|n| scan(&fleet, n % ASSETS, n + 3)));
        view.save(OWNER, &mut file).expect("memory takes everything");
    });
    assert_eq!(told(&load(&file, catalog(1, &["a", "ssl", "never"])).expect("whole")), expected);
}

#[test]
fn an_empty_fleet_is_a_file_too() {
    let file = saved(&Fleet::new(Arc::default()));
    assert_eq!(load(&file, Arc::default()).expect("whole").view().software().size().lists, 0);
}

#[test]
fn what_is_no_snapshot_is_called_so() {
    let file = saved(&fleet());
    let why = |bytes: &[u8]| load(bytes, Arc::default()).map(|_| ()).expect_err("is refused").to_string();
    assert_eq!(why(b""), "this is no snapshot of an index");
    assert_eq!(why(&[b'x'; 100]), "this is no snapshot of an index");
    let mut other = file.clone();
    other[8] = 200;
    assert_eq!(why(&other), "the snapshot has format 200, this version reads format 2");
    other[8] = 2;
    other[30] ^= 1;
    assert_eq!(why(&other), "the snapshot is damaged in the header");
    let mut longer = file.clone();
    longer.push(0);
    assert_eq!(why(&longer), format!("the snapshot has {} bytes, which is not where it ends", longer.len()));
    let mut flipped = file.clone();
    flipped[HEADER + FRAME] ^= 1;
    assert_eq!(why(&flipped), "the snapshot is damaged in the dictionary (section 0)");
}

/// The sections of a file: where each frame begins, and how many bytes the section has.
fn sections(file: &[u8]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut at = HEADER;
    while at < file.len() {
        let len = u64::from_le_bytes(file[at + 8..at + 16].try_into().expect("eight"));
        let len = usize::try_from(len).expect("fits");
        all.push((at, len));
        at += FRAME + len;
    }
    all
}

/// Changes a byte of a section and makes its checksums right again.
fn forged(file: &[u8], section: (usize, usize), at: usize, by: u8) -> Vec<u8> {
    let (frame, len) = section;
    let mut file = file.to_vec();
    file[frame + FRAME + at % len] ^= by;
    let checksum = crc32fast::hash(&file[frame + FRAME..frame + FRAME + len]);
    file[frame + 16..frame + 20].copy_from_slice(&checksum.to_le_bytes());
    let checksum = crc32fast::hash(&file[frame..frame + 20]);
    file[frame + 20..frame + 24].copy_from_slice(&checksum.to_le_bytes());
    file
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_told(at in any::<prop::sample::Index>(), by in 1_u8.., cut in any::<prop::sample::Index>()) {
        let file = saved(&fleet());
        let mut flipped = file.clone();
        flipped[at.index(file.len())] ^= by;
        prop_assert!(load(&flipped, Arc::default()).is_err());
        prop_assert!(load(&file[..cut.index(file.len())], Arc::default()).is_err());
    }

    #[test]
    fn what_was_forged_is_refused_or_is_a_fleet(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), by in 1_u8..) {
        let file = saved(&fleet());
        let filled: Vec<_> = sections(&file).into_iter().filter(|(_, len)| *len > 0).collect();
        let section = *which.get(&filled);
        if let Ok(fleet) = load(&forged(&file, section, at.index(section.1), by), catalog(1, &["a", "ssl", "never"])) {
            let _answers = told(&fleet);
            scan(&fleet, 3, 4);
            fleet.apply((0..ASSETS).map(|n| Change::Remove(asset_id(n))).collect());
            fleet.apply(vec![Change::Findings { asset: asset_id(1), findings: Findings { missing: vec![PatchNo(1)], installed: Vec::new() } }]);
            saved(&fleet);
        }
    }
}
