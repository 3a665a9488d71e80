//! Machines with Windows, and updates of it.

use crate::debian::inventory;
use anyhow::{Result, bail};
use fettle_fleet::{Assessment, Assessor, Catalog};
use fettle_model::finding::Findings;
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::inventory::Inventory;
use fettle_model::os::{OperatingSystem, Platform};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{ProductBuild, Rule, WindowsRule};
use std::sync::Arc;

/// An update of Windows, as a feed would make it.
pub(crate) fn update(kb: &str, products: Vec<ProductBuild>, supersedes: Vec<PatchId>) -> Patch {
    Patch {
        id: id(kb),
        vendor: "Microsoft".to_owned(),
        title: kb.to_owned(),
        description: String::new(),
        platform: Platform::Windows,
        kind: PatchKind::Os,
        app_family: "Windows".to_owned(),
        products: products.iter().map(|product| product.product.clone()).collect(),
        architectures: Vec::new(),
        bulletin: None,
        advisory_url: None,
        category: Category::Security,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at: None,
        modified_at: None,
        supersedes,
        reboot: Reboot::Maybe,
        download: Download::AcquireFromVendor { link: String::new() },
        rollback: Rollback::No,
        rule: Rule::Windows(WindowsRule { products, kb: Some(kb.to_owned()) }),
        source: "oracle".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}

/// Id of the patch that an article is.
pub(crate) fn id(kb: &str) -> PatchId {
    PatchId(format!("microsoft:{kb}"))
}

/// A machine with a product of Windows at a build, and updates that it lists.
pub(crate) fn machine(name: &str, product: &str, build: &str, hotfixes: Vec<String>) -> Inventory {
    let os = OperatingSystem {
        platform: Platform::Windows,
        id: "windows".to_owned(),
        name: product.to_owned(),
        version: build.to_owned(),
        codename: product.to_owned(),
        architecture: "x64".to_owned(),
        foreign_architectures: Vec::new(),
    };
    let mut machine = inventory(name, os, Vec::new());
    machine.windows.hotfixes = hotfixes;
    machine
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
