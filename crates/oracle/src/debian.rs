//! Hosts made of dpkg packages.

use crate::data::{Data, find};
use anyhow::{Context, Result};
use fettle_fleet::{Assessment, Assessor, Catalog};
use fettle_model::ids::PatchNo;
use fettle_model::inventory::{Hardware, Inventory, Kernels, Package, PackageManagerHealth, PackageState, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform};
use fettle_model::patch::Patch;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// An inventory of nothing but packages.
pub(crate) fn inventory(hostname: &str, os: OperatingSystem, mut packages: Vec<Package>) -> Inventory {
    packages.sort_by(|a, b| (&a.name, &a.architecture).cmp(&(&b.name, &b.architecture)));
    Inventory {
        hostname: hostname.to_owned(),
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
    OperatingSystem {
        platform: Platform::Linux,
        id: id.to_owned(),
        name: format!("{id} {version}"),
        version: version.to_owned(),
        codename: codename.to_owned(),
        architecture: architecture.to_owned(),
        foreign_architectures: Vec::new(),
    }
}

/// The host in a folder with `os-release` and `dpkg-query.tsv`: package, architecture, version, source, source version, state.
pub(crate) fn host(data: &Data, folder: &Path) -> Result<Inventory> {
    let os_release = data.text(&folder.join("os-release"))?;
    let os: HashMap<&str, &str> =
        os_release.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key, value.trim_matches('"'))).collect();
    let os = |key: &str| os.get(key).copied().unwrap_or_default();
    let list = find(folder, "dpkg-query.tsv").with_context(|| format!("{} has no dpkg-query.tsv", folder.display()))?;
    let packages = data.text(&list)?.lines().map(package).collect::<Result<Vec<Package>>>()?;
    // The machine's own architecture is that of its dpkg.
    let native = packages.iter().find(|package| package.name == "dpkg").map_or("amd64", |package| &package.architecture).to_owned();
    let system = linux(os("ID"), os("VERSION_ID"), os("VERSION_CODENAME"), &native);
    Ok(inventory(&folder.display().to_string(), system, packages))
}

fn package(line: &str) -> Result<Package> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[name, architecture, version, source, source_version, status] = fields.as_slice() else { anyhow::bail!("no package: {line:?}") };
    let state = if status.get(1..2) == Some("i") { PackageState::Installed } else { PackageState::ConfigFiles };
    let [name, architecture, version, source, source_version] = [name, architecture, version, source, source_version].map(str::to_owned);
    Ok(Package { name, architecture, version, source, source_version, state, held: status.starts_with('h') })
}

/// The catalog of these patches, and the patches that a machine misses.
pub(crate) fn missing(patches: Vec<Patch>, host: &Inventory) -> Result<(Arc<Catalog>, Vec<PatchNo>)> {
    let catalog = Arc::new(Catalog::build(1, (1..).map(PatchNo).zip(patches).collect()));
    match Assessor::new(Arc::clone(&catalog)).assess(host) {
        Assessment::Findings(findings) => Ok((catalog, findings.missing)),
        Assessment::Unsupported { why } => anyhow::bail!("{}: {why}", host.hostname),
    }
}
