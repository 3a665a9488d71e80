//! Deciding the findings of an asset.

use crate::catalog::Catalog;
use crate::rules::{ReleaseRules, Verdict};
use fettle_model::finding::Findings;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::os::{OperatingSystem, Platform, ReleaseKey};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Most remembered verdicts. A fleet of one distribution has some tens of thousands of different packages;
/// the limit stops agents that invent packages from filling the memory.
const MEMORY_LIMIT: usize = 500_000;

/// What assessment makes of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessment {
    /// The findings.
    Findings(Findings),
    /// This operating system cannot be assessed.
    Unsupported {
        /// Why, and what to do, for people.
        why: String,
    },
}

/// Assesses inventories with one catalog. Remembers what it decided about each package, since the machines
/// of a fleet have most packages in common. Shared between threads.
#[derive(Debug)]
pub struct Assessor {
    catalog: Arc<Catalog>,
    memory: RwLock<HashMap<String, Arc<Verdict>>>,
}

impl Assessor {
    /// An assessor for `catalog`.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog, memory: RwLock::default() }
    }

    /// The catalog it assesses with.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Decides the findings of an inventory. Packages that are not present do not count; held ones do.
    #[must_use]
    pub fn assess(&self, inventory: &Inventory) -> Assessment {
        match assessable(&self.catalog, &inventory.os) {
            Ok((release, rules)) => Assessment::Findings(self.findings(&release.0, rules, inventory)),
            Err(why) => Assessment::Unsupported { why },
        }
    }

    fn findings(&self, release: &str, rules: &ReleaseRules, inventory: &Inventory) -> Findings {
        let mut marks = vec![Mark::Unjudged; rules.patches.len()];
        let mut key = String::new();
        let native = &inventory.os.architecture;
        for package in inventory.packages.iter().filter(|package| package.state.counts_as_present()) {
            write_key(&mut key, release, native, package);
            let verdict = self.verdict(&key, rules, package, native);
            let mut mark = |patches: &[u32], as_what: Mark| {
                for &patch in patches {
                    if let Some(mark) = usize::try_from(patch).ok().and_then(|at| marks.get_mut(at)) {
                        *mark = (*mark).max(as_what);
                    }
                }
            };
            mark(&verdict.below, Mark::Below);
            mark(&verdict.reached, Mark::Reached);
        }
        let mut findings = Findings::default();
        for (patch, mark) in rules.patches.iter().zip(marks) {
            match mark {
                Mark::Below => findings.missing.push(patch.no),
                Mark::Reached if !patch.baseline => findings.installed.push(patch.no),
                Mark::Reached | Mark::Unjudged => {}
            }
        }
        findings
    }

    fn verdict(&self, key: &str, rules: &ReleaseRules, package: &Package, native: &str) -> Arc<Verdict> {
        // A poisoned lock holds verdicts that are each complete, so they stay usable.
        if let Some(verdict) = self.memory.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(verdict);
        }
        let verdict = Arc::new(rules.judge(package, native));
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        if memory.len() >= MEMORY_LIMIT {
            memory.clear();
        }
        memory.insert(key.to_owned(), Arc::clone(&verdict));
        verdict
    }
}

/// The rules for a system, or why it cannot be assessed.
pub(crate) fn assessable<'a>(catalog: &'a Catalog, os: &OperatingSystem) -> Result<(ReleaseKey, &'a ReleaseRules), String> {
    if os.platform != Platform::Linux {
        return Err(format!("{} cannot be assessed by this version of the server", named(&os.name, os.platform.as_str())));
    }
    let Some(release) = os.release() else {
        return Err(format!("{} does not name its release (VERSION_CODENAME in os-release)", named(&os.name, "the system")));
    };
    match catalog.rules(&release) {
        Some(rules) => Ok((release, rules)),
        None => Err(format!("no feed of this server covers {release}; add one and synchronise the catalog")),
    }
}

/// What the packages of an asset say of a patch together: the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Unjudged,
    Reached,
    Below,
}

/// Everything a verdict depends on. No part can hold the separator's role in another: a zero byte in a part
/// could only make a hostile agent's own packages alike.
fn write_key(key: &mut String, release: &str, native: &str, package: &Package) {
    key.clear();
    for part in [release, native, &package.name, &package.architecture, &package.version, &package.source, &package.source_version] {
        key.push_str(part);
        key.push('\0');
    }
}

fn named<'a>(name: &'a str, otherwise: &'a str) -> &'a str {
    if name.is_empty() { otherwise } else { name }
}
