//! Outside judges of the orders of RPM and of Windows applications: tables of versions that were compared elsewhere.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use fettle_model::version::{ApplicationVersion, Nevra, RpmVersion};
use std::cmp::Ordering;
use std::path::Path;

/// The rows of a table beside the checkout, where a developer's machine has collections of test data; `None` where it has none.
fn rows(name: &str) -> Option<Vec<[String; 3]>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/versions").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: there is no table {name} beside the checkout");
        return None;
    };
    let cells = |line: &str| line.split('\t').take(3).map(str::to_owned).collect::<Vec<_>>().try_into().expect("three columns");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    Some(lines.map(cells).collect())
}

fn agree<V: Ord>(name: &str, read: impl Fn(&str) -> V) {
    for [left, relation, right] in rows(name).unwrap_or_default() {
        let expected = match relation.as_str() {
            "<" => Ordering::Less,
            "=" => Ordering::Equal,
            _ => Ordering::Greater,
        };
        assert_eq!(read(&left).cmp(&read(&right)), expected, "{name}: {left:?} {relation} {right:?}");
    }
}

#[test]
fn rpms_own_table_agrees() {
    // Separators alone are compared there, which no package has as its version: a number in front makes one of them.
    agree("rpm-vercmp.tsv", |text| RpmVersion::parse(&format!("0.{text}")).expect("a version"));
}

#[test]
fn tables_of_whole_packages_agree() {
    let read = |text: &str| {
        let nevra = Nevra::parse(text).expect("a package");
        (nevra.name, RpmVersion::parse(&nevra.evr).expect("a version"), nevra.architecture)
    };
    agree("rpm-evr.tsv", read);
}

#[test]
fn the_windows_package_managers_table_agrees() {
    agree("winget.tsv", |text| ApplicationVersion::parse(text).expect("a version"));
}
