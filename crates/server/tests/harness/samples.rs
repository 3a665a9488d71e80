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

/// The smallest program for Windows that says nothing of itself; `filling` makes programs differ.
pub(crate) fn program(filling: u8) -> Vec<u8> {
    let mut bytes = vec![filling; 0x1000];
    bytes[..0x98].fill(0);
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3C] = 0x80;
    bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
    bytes[0x84..0x86].copy_from_slice(&0x8664_u16.to_le_bytes());
    bytes[0x96..0x98].copy_from_slice(&0x22_u16.to_le_bytes());
    bytes
}

/// A package built by dpkg itself.
pub(crate) fn deb(name: &str, version: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let control = folder.path().join("tree/DEBIAN");
    std::fs::create_dir_all(&control).expect("a folder");
    let text = format!(
        "Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: Ida Example <ida@example.org>\nDescription: {name} of ours\n"
    );
    std::fs::write(control.join("control"), text).expect("written");
    let file = folder.path().join("built.deb");
    let mut built = std::process::Command::new("dpkg-deb");
    built.args(["--root-owner-group", "--build"]).arg(folder.path().join("tree")).arg(&file);
    assert!(built.output().expect("dpkg-deb is there").status.success());
    std::fs::read(file).expect("built")
}
