//! Patches that administrators upload: what the file says of itself, what its administrator says of it, and the record of
//! the catalog that both make.

mod check;

pub use check::Flaw;

use crate::digest::Sha256Digest;
use crate::ids::{CustomPatchId, PatchId};
use crate::installer::{Installer, InstallerKind, InstallerScope};
use crate::os::{Platform, ReleaseKey};
use crate::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use crate::rule::{ApplicationName, ApplicationRule, BinaryVersion, Rule};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the feed that custom patches come from; no other may have it.
pub const SOURCE: &str = "custom";
/// Begins the address of a file that the server itself has; its digest follows. Where that is for an agent is decided when
/// it is told, since the server's own address may change.
const CONTENT: &str = "fettle:content/";

/// The address of a file that the server itself has.
#[must_use]
pub fn content_address(sha256: Sha256Digest) -> String {
    format!("{CONTENT}{sha256}")
}

/// Whether an installer is a file that the server itself has.
#[must_use]
pub fn is_content(installer: &Installer) -> bool {
    installer.url == content_address(installer.sha256)
}

/// What a file says of itself. Texts are as the file has them, cut to sane lengths; empty where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// MSI, EXE, deb or rpm.
    pub kind: InstallerKind,
    /// Name of the product or package.
    pub name: String,
    /// Its version; of an rpm `epoch:version-release`.
    pub version: String,
    /// Who made it.
    pub publisher: String,
    /// `x86`, `x64`, `arm64` of an MSI or EXE, empty when it is for all or nothing can be told; the package's own word
    /// otherwise.
    pub architecture: String,
    /// One line about it.
    pub summary: String,
    /// Product code of an MSI.
    pub product_code: String,
    /// Upgrade code of an MSI.
    pub upgrade_code: String,
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Name it had where it came from, for people.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Its digest, computed by the server.
    pub sha256: Sha256Digest,
    /// What it says of itself.
    pub facts: FileFacts,
}

/// What its administrator says of a patch. What does not fit the kind of file stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// One line for people.
    pub title: String,
    /// Longer text; may be empty.
    pub description: String,
    /// Who publishes it.
    pub vendor: String,
    /// Family of products.
    pub app_family: String,
    /// Security or not.
    pub category: Category,
    /// Rating.
    pub severity: Severity,
    /// CVE ids.
    pub cves: Vec<String>,
    /// Advisory id.
    pub bulletin: Option<String>,
    /// Where to read about it.
    pub advisory_url: Option<String>,
    /// Whether it asks for a restart.
    pub reboot: Reboot,
    /// Windows: arguments with which it asks nothing.
    pub silent_arguments: String,
    /// Windows: exit codes that mean success, beside 0.
    pub success_codes: Vec<i64>,
    /// Windows: exit codes that mean success once the machine was restarted.
    pub reboot_codes: Vec<i64>,
    /// Windows: name in the list of installed applications.
    pub product_name: String,
    /// Windows: publisher there.
    pub publisher: String,
    /// Windows: keys in that list, such as the product code.
    pub product_codes: Vec<String>,
    /// Windows: codes that all versions share.
    pub upgrade_codes: Vec<String>,
    /// Windows: the version that shows once it is installed.
    pub version: String,
    /// Windows: `x86`, `x64`, `arm`, `arm64`; empty for all.
    pub architecture: String,
    /// Linux: the release whose machines it is for, `debian/bookworm`.
    pub release: String,
}

/// A patch that an administrator uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomPatch {
    /// Id.
    pub id: CustomPatchId,
    /// The file.
    pub file: File,
    /// What is said of it.
    pub details: Details,
    /// Whether it can be missing and deployed.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

impl Details {
    /// What a file's own facts propose.
    #[must_use]
    pub fn proposed(facts: &FileFacts) -> Self {
        let windows = is_windows(facts.kind);
        let title = [facts.name.as_str(), facts.version.as_str()].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>();
        let on_windows = |text: &str| if windows { text.to_owned() } else { String::new() };
        let codes = |code: &str| if code.is_empty() { Vec::new() } else { vec![code.to_owned()] };
        let msi = facts.kind == InstallerKind::Msi;
        Self {
            title: title.join(" "),
            description: facts.summary.clone(),
            vendor: facts.publisher.clone(),
            app_family: facts.name.clone(),
            category: Category::NonSecurity,
            severity: Severity::None,
            cves: Vec::new(),
            bulletin: None,
            advisory_url: None,
            reboot: if windows { Reboot::Maybe } else { Reboot::Never },
            silent_arguments: if msi { "/quiet /norestart".to_owned() } else { String::new() },
            success_codes: Vec::new(),
            // ERROR_SUCCESS_REBOOT_INITIATED and ERROR_SUCCESS_REBOOT_REQUIRED of Windows Installer.
            reboot_codes: if msi { vec![1641, 3010] } else { Vec::new() },
            product_name: on_windows(&facts.name),
            publisher: on_windows(&facts.publisher),
            product_codes: codes(&facts.product_code),
            upgrade_codes: codes(&facts.upgrade_code),
            version: on_windows(&facts.version),
            architecture: on_windows(&facts.architecture),
            release: String::new(),
        }
    }
}

impl CustomPatch {
    /// Its name in the catalog.
    #[must_use]
    pub fn patch_id(&self) -> PatchId {
        PatchId(format!("{SOURCE}:{}", self.id))
    }

    /// Everything that is wrong with what is said of it.
    #[must_use]
    pub fn check(&self) -> Vec<Flaw> {
        check::flaws(&self.details, &self.file)
    }

    /// The record of the catalog.
    #[must_use]
    pub fn patch(&self) -> Patch {
        let Self { file, details, .. } = self;
        let windows = is_windows(file.facts.kind);
        Patch {
            id: self.patch_id(),
            vendor: details.vendor.clone(),
            title: details.title.clone(),
            description: details.description.clone(),
            platform: if windows { Platform::Windows } else { Platform::Linux },
            kind: PatchKind::Application,
            app_family: details.app_family.clone(),
            products: vec![if windows { details.app_family.clone() } else { details.release.clone() }],
            architectures: Some(self.architecture()).filter(|architecture| !architecture.is_empty()).into_iter().collect(),
            bulletin: details.bulletin.clone(),
            advisory_url: details.advisory_url.clone(),
            category: details.category,
            vendor_severity: details.severity,
            cves: details.cves.clone(),
            published_at: Some(self.created_at),
            modified_at: Some(self.changed_at),
            supersedes: Vec::new(),
            reboot: details.reboot,
            download: Download::Automatic { installers: vec![self.installer()] },
            rollback: Rollback::No,
            rule: self.rule(),
            source: SOURCE.to_owned(),
            enabled: self.enabled,
            baseline: false,
            scores: Scores::default(),
        }
    }

    fn architecture(&self) -> String {
        let facts = &self.file.facts;
        if is_windows(facts.kind) { self.details.architecture.clone() } else { facts.architecture.clone() }
    }

    fn installer(&self) -> Installer {
        let Self { file, details, .. } = self;
        let architecture = self.architecture();
        Installer {
            kind: file.facts.kind,
            architecture: if architecture.is_empty() { "neutral".to_owned() } else { architecture },
            scope: InstallerScope::Machine,
            locale: None,
            url: content_address(file.sha256),
            size: Some(file.size),
            sha256: file.sha256,
            signed_by: None,
            file: None,
            silent_arguments: details.silent_arguments.clone(),
            success_codes: details.success_codes.clone(),
            reboot_codes: details.reboot_codes.clone(),
        }
    }

    fn rule(&self) -> Rule {
        let Self { file: File { facts, .. }, details, .. } = self;
        let package =
            || BinaryVersion { name: facts.name.clone(), architecture: facts.architecture.clone(), version: facts.version.clone() };
        let release = || ReleaseKey(details.release.clone());
        match facts.kind {
            InstallerKind::Deb => Rule::Dpkg { release: release(), binaries: vec![package()], sources: Vec::new() },
            InstallerKind::Rpm => Rule::Rpm { release: release(), packages: vec![package()] },
            _ => {
                let name = ApplicationName { name: details.product_name.clone(), publisher: details.publisher.clone() };
                Rule::Application(ApplicationRule {
                    product_codes: details.product_codes.clone(),
                    upgrade_codes: details.upgrade_codes.clone(),
                    names: Some(name).filter(|name| !name.name.is_empty()).into_iter().collect(),
                    architecture: details.architecture.clone(),
                    version: details.version.clone(),
                })
            }
        }
    }
}

fn is_windows(kind: InstallerKind) -> bool {
    !matches!(kind, InstallerKind::Deb | InstallerKind::Rpm)
}

#[cfg(test)]
mod tests;
