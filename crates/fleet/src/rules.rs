//! Rules turned inside out: from a package to the patches that speak of it.

use crate::catalog::Entry;
use fettle_model::ids::PatchNo;
use fettle_model::inventory::Package;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::{BinaryVersion, Rule};
use fettle_model::version::DpkgVersion;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The rules of one release. A patch is meant by its place in `patches`.
#[derive(Debug, Default)]
pub(crate) struct ReleaseRules {
    /// Ascending by number.
    pub(crate) patches: Vec<RulePatch>,
    binaries: HashMap<String, Vec<BinaryRule>>,
    sources: HashMap<String, Vec<SourceRule>>,
}

/// What findings need to know of a patch.
#[derive(Debug)]
pub(crate) struct RulePatch {
    pub(crate) no: PatchNo,
    /// Having it makes no finding.
    pub(crate) baseline: bool,
}

#[derive(Debug)]
struct BinaryRule {
    patch: u32,
    architecture: String,
    fixed: DpkgVersion,
}

#[derive(Debug)]
struct SourceRule {
    patch: u32,
    fixed: DpkgVersion,
}

/// What the rules of a release say of one package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Patches the package is too old for.
    pub(crate) below: Vec<u32>,
    /// Patches the package is new enough for.
    pub(crate) reached: Vec<u32>,
}

/// Whether an entry of a rule speaks of a package with this name and architecture, on a machine whose own
/// architecture is `native`.
pub(crate) fn fits(entry_architecture: &str, package_architecture: &str, native: &str) -> bool {
    entry_architecture == "all"
        || entry_architecture == package_architecture
        || (package_architecture == "all" && entry_architecture == native)
}

impl ReleaseRules {
    /// Sorts the rules of all enabled patches by release. Fixed versions that are no versions judge nothing.
    pub(crate) fn by_release(entries: &[Arc<Entry>]) -> BTreeMap<ReleaseKey, Self> {
        let mut releases: BTreeMap<ReleaseKey, Self> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.patch.enabled) {
            let Rule::Dpkg { release, binaries, sources } = &entry.patch.rule;
            let rules = releases.entry(release.clone()).or_default();
            let patch = u32::try_from(rules.patches.len()).unwrap_or(u32::MAX);
            rules.patches.push(RulePatch { no: entry.no, baseline: entry.patch.baseline });
            for BinaryVersion { name, architecture, version } in binaries {
                if let Ok(fixed) = DpkgVersion::parse(version) {
                    rules.binaries.entry(name.clone()).or_default().push(BinaryRule { patch, architecture: architecture.clone(), fixed });
                }
            }
            for source in sources {
                if let Ok(fixed) = DpkgVersion::parse(&source.version) {
                    rules.sources.entry(source.name.clone()).or_default().push(SourceRule { patch, fixed });
                }
            }
        }
        releases
    }

    /// Judges one package that is present, on a machine whose own architecture is `native`.
    ///
    /// A package whose version cannot be read is neither old nor new enough for anything. It still has its
    /// binary entries, so that its source is not asked in their place.
    pub(crate) fn judge(&self, package: &Package, native: &str) -> Verdict {
        let mut below: BTreeMap<u32, Option<bool>> = BTreeMap::new();
        let version = DpkgVersion::parse(&package.version).ok();
        let binaries = self.binaries.get(&package.name).into_iter().flatten();
        for rule in binaries.filter(|rule| fits(&rule.architecture, &package.architecture, native)) {
            note(&mut below, rule.patch, version.as_ref(), &rule.fixed);
        }
        let mut by_source = BTreeMap::new();
        let version = DpkgVersion::parse(&package.source_version).ok();
        let sources = self.sources.get(&package.source).into_iter().flatten();
        for rule in sources.filter(|rule| !below.contains_key(&rule.patch)) {
            note(&mut by_source, rule.patch, version.as_ref(), &rule.fixed);
        }
        below.append(&mut by_source);
        let with = |wanted: bool| below.iter().filter(move |(_, below)| **below == Some(wanted)).map(|(&patch, _)| patch).collect();
        Verdict { below: with(true), reached: with(false) }
    }
}

/// Notes how a version compares with a fixed one. Of several entries for one patch one below is enough.
fn note(below: &mut BTreeMap<u32, Option<bool>>, patch: u32, version: Option<&DpkgVersion>, fixed: &DpkgVersion) {
    let older = version.map(|version| version < fixed);
    let known = below.entry(patch).or_default();
    *known = older.map(|older| older || known.unwrap_or(false));
}
