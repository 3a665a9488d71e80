//! Which packages of a machine a patch would change.

use crate::rules::fits;
use crate::software::present;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::patch::{Patch, Rollback};
use fettle_model::rule::BinaryVersion;
use std::cmp::Ordering;

/// Entries of the rule that are above what the machine has.
pub(crate) fn missing(patch: &Patch, inventory: &Inventory) -> Vec<BinaryVersion> {
    let Some(rule) = patch.rule.packages().filter(|rule| inventory.os.release().as_ref() == Some(rule.release)) else { return Vec::new() };
    let above = |entry: &&BinaryVersion| {
        fitting(entry, inventory).any(|package| rule.scheme.compare(&package.version, &entry.version) == Some(Ordering::Less))
    };
    collect(rule.binaries.iter().filter(above))
}

/// Earlier versions that are below what the machine has.
pub(crate) fn rollback(patch: &Patch, inventory: &Inventory) -> Vec<BinaryVersion> {
    let Rollback::PreviousVersion { packages } = &patch.rollback else { return Vec::new() };
    let Some(rule) = patch.rule.packages().filter(|rule| inventory.os.release().as_ref() == Some(rule.release)) else { return Vec::new() };
    let below = |entry: &&BinaryVersion| {
        fitting(entry, inventory).any(|package| rule.scheme.compare(&package.version, &entry.version) == Some(Ordering::Greater))
    };
    collect(packages.iter().filter(below))
}

fn collect<'a>(entries: impl Iterator<Item = &'a BinaryVersion>) -> Vec<BinaryVersion> {
    let mut entries: Vec<BinaryVersion> = entries.cloned().collect();
    entries.sort();
    entries.dedup();
    entries
}

/// Present packages that an entry speaks of.
fn fitting<'a>(entry: &'a BinaryVersion, inventory: &'a Inventory) -> impl Iterator<Item = &'a Package> {
    let native = &inventory.os.architecture;
    present(inventory).filter(move |package| package.name == entry.name && fits(&entry.architecture, &package.architecture, native))
}
