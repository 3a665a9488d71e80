//! Lists of machines: nothing is lost, equal ones are one, unused ones are forgotten.

use super::*;
use fettle_model::inventory::{Hardware, Kernels, Package, PackageManagerHealth, PackageState, WindowsSoftware};
use fettle_model::version::DpkgVersion;
use fettle_query::registry::{Entity, Key};
use fettle_query::registry::{Field, SoftwareField, fields};
use fettle_query::text::{TextMatch, Word};
use fettle_query::{Between, Node, Test};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ops::Bound;

fn package(name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        architecture: "amd64".to_owned(),
        version: version.to_owned(),
        source: name.to_owned(),
        source_version: version.to_owned(),
        state: PackageState::Installed,
        held: false,
    }
}

fn inventory(codename: &str, packages: Vec<Package>) -> Inventory {
    Inventory {
        hostname: "host".to_owned(),
        os: OperatingSystem {
            platform: Platform::Linux,
            id: "debian".to_owned(),
            name: "Debian".to_owned(),
            version: "12".to_owned(),
            codename: codename.to_owned(),
            architecture: "amd64".to_owned(),
            foreign_architectures: Vec::new(),
        },
        hardware: Hardware::default(),
        interfaces: Vec::new(),
        packages,
        kernels: Kernels::default(),
        pending_reboot: Vec::new(),
        package_manager: PackageManagerHealth::default(),
        windows: WindowsSoftware::default(),
    }
}

/// A machine with 200 packages, some of them at another version than most.
fn machine(codename: &str, other: &BTreeSet<usize>) -> Inventory {
    let version = |n: &usize| if other.contains(n) { "2" } else { "1" };
    inventory(codename, (0..200).map(|n| package(&format!("p{n:03}"), version(&n))).collect())
}

fn told(table: &SoftwareTable, list: &SoftwareList) -> BTreeSet<(String, String)> {
    let Numbered { system, numbers } = table.read(list).expect("its own list");
    let packages = system.packages();
    let text = |&number: &u32| packages.get(number).map(|package| (package.name.to_owned(), package.version.to_owned()));
    numbers.iter().map(|number| text(number).expect("a package")).collect()
}

fn present(inventory: &Inventory) -> BTreeSet<(String, String)> {
    let there = inventory.packages.iter().filter(|package| package.state.counts_as_present());
    there.map(|package| (package.name.clone(), package.version.clone())).collect()
}

fn field(key: SoftwareField) -> &'static Field {
    fields(Entity::Software).iter().find(|field| field.key == Key::Software(key)).expect("a field")
}

fn named(prefix: &str) -> Node {
    let text = TextMatch::Words(vec![Word { parts: vec![prefix.to_owned()] }]);
    Node::Value { field: field(SoftwareField::Name), test: Test::Text(text) }
}

fn version_from(version: &str) -> Node {
    let low = Bound::Included(DpkgVersion::parse(version).expect("a version"));
    Node::Value { field: field(SoftwareField::Version), test: Test::Version(Between { low, high: Bound::Unbounded }) }
}

#[test]
fn equal_machines_share_a_list() {
    let table = SoftwareTable::default();
    let one = table.list(&machine("bookworm", &BTreeSet::new())).expect("room");
    let other = table.list(&machine("bookworm", &BTreeSet::new())).expect("room");
    let different = table.list(&machine("bookworm", &BTreeSet::from([7]))).expect("room");
    let elsewhere = table.list(&machine("trixie", &BTreeSet::new())).expect("room");
    assert_eq!(one, other);
    assert!(one != different && one != elsewhere && one.id() != different.id());
    assert_eq!((one.len(), one.is_empty()), (200, false));
    assert_eq!(table.size().lists, 3);
    assert_eq!(SoftwareTable::default().read(&one).map(|numbered| numbered.numbers), None, "of another table");
}

#[test]
fn the_order_of_packages_and_what_was_removed_do_not_count() {
    let table = SoftwareTable::default();
    let gone = Package { state: PackageState::ConfigFiles, ..package("gone", "1") };
    let one = table.list(&inventory("bookworm", vec![package("a", "1"), package("b", "1")])).expect("room");
    let other = table.list(&inventory("bookworm", vec![package("b", "1"), gone, package("a", "1")])).expect("room");
    assert_eq!(one, other);
}

#[test]
fn nearly_equal_machines_take_little_room() {
    let table = SoftwareTable::default();
    let keep = |n: usize| table.list(&machine("bookworm", &BTreeSet::from([n % 200, n * 7 % 200]))).expect("room");
    let first: Vec<SoftwareList> = (0..100).map(keep).collect();
    let lists = table.lists();
    let kept: usize = (0..lists.places())
        .filter_map(|at| u32::try_from(at).ok())
        .map(|at| {
            lists
                .with(at, |_, _, changes| {
                    let mut count = 0;
                    let counted = std::cell::Cell::new(0);
                    changes.each(|_| counted.set(counted.get() + 1), |_| count += 1);
                    count + counted.get()
                })
                .expect("a list")
        })
        .sum();
    assert_eq!(lists.size().0, first.iter().map(SoftwareList::id).collect::<BTreeSet<_>>().len());
    assert!(kept <= 100 * 8 && kept > 100, "most are a difference of some packages: {kept}");
}

#[test]
fn what_nobody_has_is_forgotten_and_the_rest_stays() {
    let table = SoftwareTable::default();
    let mut held = Vec::new();
    for n in 0..5_000_usize {
        let machine = machine("bookworm", &BTreeSet::from([n % 200, n / 200 % 200, n * 31 % 200]));
        let list = table.list(&machine).expect("room");
        if n % 100 == 0 {
            held.push((machine, list));
        }
    }
    assert!(table.size().lists < 2_000, "{:?}", table.size());
    for (machine, list) in &held {
        assert_eq!(told(&table, list), present(machine));
        assert_eq!(table.list(machine).as_ref(), Some(list));
    }
    let ids: BTreeSet<ListId> = held.iter().map(|(_, list)| list.id()).collect();
    assert_eq!(ids.len(), held.len());
}

#[test]
fn a_query_is_asked_of_what_has_come_since() {
    let table = SoftwareTable::default();
    let node = Node::And(vec![named("openssl"), version_from("3")]);
    let old = table.list(&inventory("bookworm", vec![package("openssl", "2"), package("zlib", "4")])).expect("room");
    assert!(table.matching(&node).is_empty());
    let new = table.list(&inventory("bookworm", vec![package("openssl", "3.1"), package("zlib", "4")])).expect("room");
    let elsewhere = table.list(&inventory("trixie", vec![package("openssl-tool", "3")])).expect("room");
    let set = table.matching(&node);
    assert!(!set.contains(old.id()) && set.contains(new.id()) && set.contains(elsewhere.id()));
    assert_eq!(set.len(), 2);
    assert!(!set.contains(ListId(4_000_000)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_list_is_what_its_machine_has(
        machines in proptest::collection::vec((proptest::bool::ANY, proptest::collection::btree_set(0_usize..200, 0..30)), 1..20),
        keep in proptest::collection::vec(any::<bool>(), 20),
    ) {
        let table = SoftwareTable::default();
        let mut held = Vec::new();
        for ((trixie, other), keep) in machines.into_iter().zip(keep) {
            let machine = machine(if trixie { "trixie" } else { "bookworm" }, &other);
            let list = table.list(&machine).expect("room");
            prop_assert_eq!(told(&table, &list), present(&machine));
            if keep {
                held.push((machine, list));
            }
        }
        let node = Node::And(vec![Node::Or(vec![named("p00"), named("p19")]), version_from("2")]);
        let set = table.matching(&node);
        for (machine, list) in &held {
            prop_assert_eq!(&told(&table, list), &present(machine));
            let wanted = machine.packages.iter().any(|p| (p.name.starts_with("p00") || p.name.starts_with("p19")) && p.version == "2");
            prop_assert_eq!(set.contains(list.id()), wanted);
        }
    }
}
