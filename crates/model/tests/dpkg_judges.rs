//! Outside judges of dpkg's version order: dpkg itself, and tables of versions that were compared elsewhere.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use fettle_model::version::DpkgVersion;
use flate2::read::GzDecoder;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cmp::Ordering;
use std::io::Read;
use std::path::Path;
use std::process::Command;

#[test]
fn dpkg_agrees_on_generated_pairs() {
    if Command::new("dpkg").arg("--version").output().is_err() {
        eprintln!("skipped: there is no dpkg on this machine");
        return;
    }
    let version =
        || "([0-2]:)?[0-9][0-9abZ.+~-]{0,6}(-[0-9][a~.+0]{0,3})?".prop_filter("a version", |text| DpkgVersion::parse(text).is_ok());
    // Half of the pairs differ by a small edit only, where the rules bite.
    let tail = "[~+.a0-]{0,2}[0-1]";
    let near = (version(), tail, tail).prop_map(|(start, left, right)| (format!("{start}{left}"), format!("{start}{right}")));
    let pairs = prop_oneof![(version(), version()), near];
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&pairs, |(left, right)| {
        let relation = relation(&left, &right);
        let agreed = Command::new("dpkg").args(["--compare-versions", &left, relation, &right]).status().expect("dpkg runs");
        prop_assert!(agreed.success(), "dpkg does not say {left} {relation} {right}");
        Ok(())
    });
    outcome.expect("dpkg agrees");
}

fn relation(left: &str, right: &str) -> &'static str {
    let [left, right] = [left, right].map(|text| DpkgVersion::parse(text).expect("a version"));
    match left.cmp(&right) {
        Ordering::Less => "lt",
        Ordering::Equal => "eq",
        Ordering::Greater => "gt",
    }
}

#[test]
fn tables_of_compared_versions_agree() {
    // Beside the checkout, where a developer's machine has collections of test data.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/versions");
    if !folder.is_dir() {
        eprintln!("skipped: there is no folder shared/data/versions beside the checkout");
        return;
    }
    let mut rows = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("debian") {
            rows += check_table(&entry, &text_of(&entry));
        }
    }
    assert!(rows > 1_000, "only {rows} rows were compared");
}

fn text_of(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("the table");
    if path.extension().is_none_or(|extension| extension != "gz") {
        return String::from_utf8(bytes).expect("text");
    }
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("text in gzip");
    text
}

/// Compares each row, and returns how many there were.
fn check_table(path: &Path, text: &str) -> usize {
    let mut rows = 0;
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let [left, expected, right] = line.split('\t').take(3).collect::<Vec<_>>().try_into().expect("three columns");
        match (DpkgVersion::parse(left), DpkgVersion::parse(right)) {
            (Ok(left), Ok(right)) => {
                let got = match left.cmp(&right) {
                    Ordering::Less => "<",
                    Ordering::Equal => "=",
                    Ordering::Greater => ">",
                };
                assert_eq!(got, expected, "{left} and {right} in {}", path.display());
                rows += 1;
            }
            // apt compares a few strings that dpkg does not take for versions.
            _ => assert!(line.contains("apt:"), "refused in {}: {line}", path.display()),
        }
    }
    rows
}
