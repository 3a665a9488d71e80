//! Patches and inventories made for tests.

use fettle_model::ids::{AssetId, PatchId, PatchNo, TagId};
use fettle_model::inventory::{Hardware, Inventory, Kernels, Package, PackageManagerHealth, PackageState, WindowsSoftware};
use fettle_model::os::{OperatingSystem, Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{BinaryVersion, Rule, SourceVersion};
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn bookworm() -> ReleaseKey {
    ReleaseKey::new("debian", "bookworm")
}

pub(crate) fn id(name: &str) -> PatchId {
    PatchId(name.to_owned())
}

pub(crate) fn asset_id(n: u128) -> AssetId {
    AssetId(Uuid::from_u128(n))
}

pub(crate) fn tag_id(n: u128) -> TagId {
    TagId(Uuid::from_u128(n))
}

pub(crate) fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).expect("in range")
}

/// `openssl=3.0` or `openssl:i386=3.0`; of architecture amd64 when not said.
pub(crate) fn binary(text: &str) -> BinaryVersion {
    let (name, version) = text.split_once('=').expect("NAME=VERSION");
    let (name, architecture) = name.split_once(':').unwrap_or((name, "amd64"));
    BinaryVersion { name: name.to_owned(), architecture: architecture.to_owned(), version: version.to_owned() }
}

pub(crate) fn source(text: &str) -> SourceVersion {
    let (name, version) = text.split_once('=').expect("NAME=VERSION");
    SourceVersion { name: name.to_owned(), version: version.to_owned() }
}

/// A patch of bookworm with these binaries and sources.
pub(crate) fn patch(name: &str, binaries: &[&str], sources: &[&str]) -> Patch {
    let rule = Rule::Dpkg {
        release: bookworm(),
        binaries: binaries.iter().copied().map(binary).collect(),
        sources: sources.iter().copied().map(source).collect(),
    };
    Patch {
        id: id(name),
        vendor: "Debian".to_owned(),
        title: format!("{name} title"),
        description: String::new(),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: "family".to_owned(),
        products: vec!["debian/bookworm".to_owned()],
        architectures: Vec::new(),
        bulletin: None,
        advisory_url: None,
        category: Category::NonSecurity,
        vendor_severity: Severity::None,
        cves: Vec::new(),
        published_at: None,
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 1 },
        rollback: Rollback::No,
        rule,
        source: "test".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}

/// Numbers patches from 10, by tens: numbers are not places in a list.
pub(crate) fn numbered(patches: Vec<Patch>) -> Vec<(PatchNo, Patch)> {
    (1..).map(|n| PatchNo(n * 10)).zip(patches).collect()
}

/// An installed package that is its own source.
pub(crate) fn package(text: &str) -> Package {
    let BinaryVersion { name, architecture, version } = binary(text);
    let (source, source_version) = (name.clone(), version.clone());
    Package { name, architecture, version, source, source_version, state: PackageState::Installed, held: false }
}

/// An installed package built from `from`.
pub(crate) fn built(text: &str, from: &str) -> Package {
    let SourceVersion { name, version } = source(from);
    Package { source: name, source_version: version, ..package(text) }
}

pub(crate) fn inventory(packages: Vec<Package>) -> Inventory {
    Inventory {
        hostname: "host".to_owned(),
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
        interfaces: Vec::new(),
        packages,
        kernels: Kernels::default(),
        pending_reboot: Vec::new(),
        package_manager: PackageManagerHealth::default(),
        windows: WindowsSoftware::default(),
    }
}
