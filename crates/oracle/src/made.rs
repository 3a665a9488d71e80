//! Patches and machines with nothing but what a judge asks about.

use anyhow::{Result, bail};
use fettle_fleet::{Assessment, Assessor, Catalog};
use fettle_model::finding::Findings;
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::inventory::{Hardware, Inventory, Kernels, Package, PackageManagerHealth, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{ProductBuild, Rule, WindowsRule};
use std::sync::Arc;

/// A patch of nothing but its rule.
pub(crate) fn patch(id: &str, rule: Rule) -> Patch {
    Patch {
        id: PatchId(id.to_owned()),
        vendor: String::new(),
        title: id.to_owned(),
        description: String::new(),
        platform: if rule.packages().is_some() { Platform::Linux } else { Platform::Windows },
        kind: PatchKind::Os,
        app_family: String::new(),
        products: Vec::new(),
        architectures: Vec::new(),
        bulletin: None,
        advisory_url: None,
        category: Category::Security,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at: None,
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 0 },
        rollback: Rollback::No,
        rule,
        source: "oracle".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}

/// An update of Windows, named by its article.
pub(crate) fn update(kb: &str, products: Vec<ProductBuild>, supersedes: Vec<PatchId>) -> Patch {
    let rule = Rule::Windows(WindowsRule { products, kb: Some(kb.to_owned()) });
    Patch { title: kb.to_owned(), supersedes, ..patch(&update_id(kb).0, rule) }
}

/// Id of the patch that an article is.
pub(crate) fn update_id(kb: &str) -> PatchId {
    PatchId(format!("microsoft:{kb}"))
}

/// A machine of nothing but packages.
pub(crate) fn inventory(name: &str, os: OperatingSystem, mut packages: Vec<Package>) -> Inventory {
    packages.sort_by(|a, b| (&a.name, &a.architecture).cmp(&(&b.name, &b.architecture)));
    Inventory {
        hostname: name.to_owned(),
        os,
        hardware: Hardware::default(),
        interfaces: Vec::new(),
        packages,
        kernels: Kernels::default(),
        pending_reboot: Vec::new(),
        package_manager: PackageManagerHealth::default(),
        windows: WindowsSoftware::default(),
    }
}

/// A Linux system of a distribution, version and code name.
pub(crate) fn linux(id: &str, version: &str, codename: &str, architecture: &str) -> OperatingSystem {
    system(Platform::Linux, id, version, codename, architecture)
}

/// A machine with a product of Windows at a build.
pub(crate) fn windows(name: &str, product: &str, build: &str) -> Inventory {
    inventory(name, system(Platform::Windows, "windows", build, product, "x64"), Vec::new())
}

fn system(platform: Platform, id: &str, version: &str, codename: &str, architecture: &str) -> OperatingSystem {
    OperatingSystem {
        platform,
        id: id.to_owned(),
        name: format!("{id} {version}"),
        version: version.to_owned(),
        codename: codename.to_owned(),
        architecture: architecture.to_owned(),
        foreign_architectures: Vec::new(),
    }
}

/// A catalog of these patches, numbered in their order from 1.
pub(crate) fn catalog(patches: Vec<Patch>) -> Arc<Catalog> {
    Arc::new(Catalog::build(1, (1..).map(PatchNo).zip(patches).collect()))
}

/// What is decided about a machine.
pub(crate) fn findings(assessor: &Assessor, machine: &Inventory) -> Result<Findings> {
    match assessor.assess(machine) {
        Assessment::Findings(findings) => Ok(findings),
        Assessment::Unsupported { why } => bail!("{}: {why}", machine.hostname),
    }
}

/// The catalog of these patches, and the patches that a machine misses.
pub(crate) fn missing(patches: Vec<Patch>, machine: &Inventory) -> Result<(Arc<Catalog>, Vec<PatchNo>)> {
    let catalog = catalog(patches);
    let missing = findings(&Assessor::new(Arc::clone(&catalog)), machine)?.missing;
    Ok((catalog, missing))
}
