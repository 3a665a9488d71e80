//! Which packages of a machine a patch would change.

use crate::rules::fits;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::patch::{BinaryVersion, Patch, Rollback, Rule};
use fettle_model::version::DpkgVersion;
use std::cmp::Ordering;

/// Entries of the rule that are above what the machine has.
pub(crate) fn missing(patch: &Patch, inventory: &Inventory) -> Vec<BinaryVersion> {
    let Rule::Dpkg { release, binaries, .. } = &patch.rule;
    if inventory.os.release().as_ref() != Some(release) {
        return Vec::new();
    }
    let above = |entry: &&BinaryVersion| fitting(entry, inventory).any(|package| order(package, entry) == Some(Ordering::Less));
    collect(binaries.iter().filter(above))
}

/// Earlier versions that are below what the machine has.
pub(crate) fn rollback(patch: &Patch, inventory: &Inventory) -> Vec<BinaryVersion> {
    let Rule::Dpkg { release, .. } = &patch.rule;
    let Rollback::PreviousVersion { packages } = &patch.rollback else { return Vec::new() };
    if inventory.os.release().as_ref() != Some(release) {
        return Vec::new();
    }
    let below = |entry: &&BinaryVersion| fitting(entry, inventory).any(|package| order(package, entry) == Some(Ordering::Greater));
    collect(packages.iter().filter(below))
}

fn collect<'a>(entries: impl Iterator<Item = &'a BinaryVersion>) -> Vec<BinaryVersion> {
    let mut entries: Vec<BinaryVersion> = entries.cloned().collect();
    entries.sort();
    entries.dedup();
    entries
}

/// Present packages that an entry speaks of: those of its name lie together, since inventories are ordered by name.
fn fitting<'a>(entry: &'a BinaryVersion, inventory: &'a Inventory) -> impl Iterator<Item = &'a Package> {
    let native = &inventory.os.architecture;
    let named = inventory.packages.iter().filter(|package| package.name == entry.name);
    named.filter(|package| package.state.counts_as_present() && fits(&entry.architecture, &package.architecture, native))
}

/// How the package's version compares with the entry's; `None` when one of them is no version.
fn order(package: &Package, entry: &BinaryVersion) -> Option<Ordering> {
    Some(DpkgVersion::parse(&package.version).ok()?.cmp(&DpkgVersion::parse(&entry.version).ok()?))
}
