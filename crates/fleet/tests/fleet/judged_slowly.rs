//! The rule read word by word, as its documentation says it: the judge of the fast assessment.

use fettle_model::finding::Findings;
use fettle_model::ids::PatchNo;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::patch::Patch;
use fettle_model::rule::Rule;
use fettle_model::version::DpkgVersion;

/// Judges every patch by every package.
pub(crate) fn findings(patches: &[(PatchNo, Patch)], inventory: &Inventory) -> Findings {
    let mut findings = Findings::default();
    for (no, patch) in patches.iter().filter(|(_, patch)| patch.enabled) {
        let present = inventory.packages.iter().filter(|package| package.state.counts_as_present());
        let judged: Vec<bool> = present.filter_map(|package| is_below(patch, inventory, package)).collect();
        if judged.contains(&true) {
            findings.missing.push(*no);
        } else if !judged.is_empty() && !patch.baseline {
            findings.installed.push(*no);
        }
    }
    findings
}

/// Whether the package is below what the patch wants; `None` when the patch does not judge it.
fn is_below(patch: &Patch, inventory: &Inventory, package: &Package) -> Option<bool> {
    let Rule::Dpkg { release, binaries, sources } = &patch.rule else { panic!("a rule over dpkg packages") };
    if inventory.os.release().as_ref() != Some(release) {
        return None;
    }
    let architecture = if package.architecture == "all" { &inventory.os.architecture } else { &package.architecture };
    let mut below = None;
    for entry in binaries {
        let fits = entry.architecture == "all" || entry.architecture == package.architecture || entry.architecture == *architecture;
        if entry.name == package.name && fits {
            let older = version(&package.version)? < version(&entry.version)?;
            below = Some(below.unwrap_or(false) || older);
        }
    }
    if below.is_some() {
        return below;
    }
    for entry in sources {
        if entry.name == package.source {
            let older = version(&package.source_version)? < version(&entry.version)?;
            below = Some(below.unwrap_or(false) || older);
        }
    }
    below
}

fn version(text: &str) -> Option<DpkgVersion> {
    DpkgVersion::parse(text).ok()
}
