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
    /// A package whose version cannot be read is judged by nothing: it can be neither old nor new enough.
    pub(crate) fn judge(&self, package: &Package, native: &str) -> Verdict {
        let mut worst: BTreeMap<u32, bool> = BTreeMap::new();
        if let (Some(rules), Ok(version)) = (self.binaries.get(&package.name), DpkgVersion::parse(&package.version)) {
            for rule in rules.iter().filter(|rule| fits(&rule.architecture, &package.architecture, native)) {
                *worst.entry(rule.patch).or_default() |= version < rule.fixed;
            }
        }
        if let (Some(rules), Ok(version)) = (self.sources.get(&package.source), DpkgVersion::parse(&package.source_version)) {
            let mut by_source: BTreeMap<u32, bool> = BTreeMap::new();
            for rule in rules.iter().filter(|rule| !worst.contains_key(&rule.patch)) {
                *by_source.entry(rule.patch).or_default() |= version < rule.fixed;
            }
            worst.extend(by_source);
        }
        let mut verdict = Verdict::default();
        for (patch, below) in worst {
            if below { verdict.below.push(patch) } else { verdict.reached.push(patch) }
        }
        verdict
    }
}
