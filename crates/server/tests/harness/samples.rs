//! Machines and patches to test with.

use fettle_model::ids::PatchId;
use fettle_model::inventory::{Hardware, Interface, Inventory, Kernels, Package, PackageManagerHealth, PackageState, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule};

/// A Debian bookworm machine with these packages (name, version).
pub(crate) fn bookworm(hostname: &str, packages: &[(&str, &str)]) -> Inventory {
    Inventory {
        hostname: hostname.to_owned(),
        os: OperatingSystem {
            platform: Platform::Linux,
            id: "debian".to_owned(),
            name: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            version: "12".to_owned(),
            codename: "bookworm".to_owned(),
            architecture: "amd64".to_owned(),
            foreign_architectures: Vec::new(),
        },
        hardware: Hardware::default(),
        interfaces: vec![Interface { name: "eth0".to_owned(), mac: String::new(), addresses: vec!["192.0.2.7".to_owned()] }],
        packages: packages.iter().map(|(name, version)| package(name, version)).collect(),
        kernels: Kernels::default(),
        pending_reboot: Vec::new(),
        package_manager: PackageManagerHealth::default(),
        windows: WindowsSoftware::default(),
    }
}

/// An installed package, built from a source package of its own name.
pub(crate) fn package(name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        architecture: "amd64".to_owned(),
        version: version.to_owned(),
        source: name.to_owned(),
        source_version: version.to_owned(),
        state: PackageState::Installed,
        held: false,
    }
}

/// A patch for bookworm that brings one package to a version, and can be taken back to `before`.
pub(crate) fn patch(name: &str, version: &str, before: Option<&str>) -> Patch {
    let binary = |version: &str| BinaryVersion { name: name.to_owned(), architecture: "amd64".to_owned(), version: version.to_owned() };
    Patch {
        id: PatchId(format!("debian:bookworm:{name}@{version}")),
        vendor: "Debian".to_owned(),
        title: format!("{name} {version}"),
        description: String::new(),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: name.to_owned(),
        products: vec!["debian/bookworm".to_owned()],
        architectures: vec!["amd64".to_owned()],
        bulletin: None,
        advisory_url: None,
        category: Category::Security,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at: None,
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 1_000 },
        rollback: before.map_or(Rollback::No, |before| Rollback::PreviousVersion { packages: vec![binary(before)] }),
        rule: Rule::Dpkg { release: ReleaseKey::new("debian", "bookworm"), binaries: vec![binary(version)], sources: Vec::new() },
        source: "test".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}
