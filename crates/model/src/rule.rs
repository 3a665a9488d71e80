//! Applicability rules: which assets miss a patch, and which have it.

use crate::os::ReleaseKey;
use crate::version::Scheme;
use serde::{Deserialize, Serialize};

/// When a patch applies, and when it is missing. A closed set; one variant per world of packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rule {
    /// dpkg packages below a fixed version, in one distribution release.
    ///
    /// An installed package of architecture `all` counts as one of the machine's own architecture, as it does
    /// for apt: a package may stop or start being independent of the architecture between two versions.
    /// An installed package is judged by the entry of `binaries` with its name and architecture when there
    /// is one (package version against `version`), otherwise by the entry of `sources` with its source
    /// (source version against `version`), otherwise not at all. The patch is missing when a judged
    /// package is below its version, installed when packages were judged and none is below, and does not
    /// apply when none was judged. Versions compare in dpkg's order.
    Dpkg {
        /// The release whose assets this rule speaks of.
        release: ReleaseKey,
        /// Binary packages and the version that fixes them; also what gets installed.
        binaries: Vec<BinaryVersion>,
        /// Source packages and the version that fixes them.
        sources: Vec<SourceVersion>,
    },
    /// RPM packages below a fixed version, in one distribution release. As for dpkg, without sources; `noarch` is
    /// their word for `all`. Of several installed versions of one package, as kernels have, the newest counts.
    /// Versions are `epoch:version-release` and compare in rpm's order.
    Rpm {
        /// The release whose assets this rule speaks of.
        release: ReleaseKey,
        /// Packages and the version that fixes them; also what gets installed.
        packages: Vec<BinaryVersion>,
    },
    /// An application on Windows below a version.
    ///
    /// An installed application is judged when its product code or upgrade code is one of the rule's, or its name and
    /// publisher fit one of the rule's names; and when it has the rule's architecture. What tells best is believed: when
    /// some rule has its product code, rules that have its name alone do not judge it. Missing when one is below the
    /// version, installed when applications were judged and none is.
    Application(ApplicationRule),
    /// A part of Windows, judged by the build of the system and the updates it lists.
    Windows(WindowsRule),
    /// What the agent's own update service says: missing when it offers the update, installed when it lists it as
    /// installed.
    Reported {
        /// The service's id of the update.
        update: String,
    },
}

/// What tells an application, and the version that has the fix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplicationRule {
    /// Keys under which the application registers itself: GUIDs in braces, or texts such as `7-Zip`.
    pub product_codes: Vec<String>,
    /// Codes that all versions of an MSI package share.
    pub upgrade_codes: Vec<String>,
    /// Names it goes by, see [`crate::application::normal_name`].
    pub names: Vec<ApplicationName>,
    /// `x86`, `x64`, `arm64`; empty when it does not matter.
    pub architecture: String,
    /// The version that has the fix, in the order of [`crate::version::ApplicationVersion`].
    pub version: String,
}

/// What an application is called in the list of installed ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ApplicationName {
    /// Name, as `7-Zip 25.01 (x64 edition)`.
    pub name: String,
    /// Publisher, as `Igor Pavlov`.
    pub publisher: String,
}

/// Which systems it is for, and when they have it. A system with one of the products has it when its build is at
/// least the product's, or it lists `kb` or the article of a patch that supersedes this one, directly or over others;
/// otherwise it misses it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowsRule {
    /// Systems it is for.
    pub products: Vec<ProductBuild>,
    /// Article of the update, `KB5033372`.
    pub kb: Option<String>,
}

/// A system, and its build that has the fix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProductBuild {
    /// As the vendor spells it: `Windows 10 Version 22H2 for x64-based Systems`.
    pub product: String,
    /// `10.0.19045.3803`, where the vendor states one. Only builds of the same release of Windows are compared.
    pub build: Option<String>,
}

/// A rule over packages, whichever package manager they belong to.
#[derive(Debug, Clone, Copy)]
pub struct PackageRule<'a> {
    /// How versions compare.
    pub scheme: Scheme,
    /// The release whose assets it speaks of.
    pub release: &'a ReleaseKey,
    /// Binary packages and the version that fixes them.
    pub binaries: &'a [BinaryVersion],
    /// Source packages and the version that fixes them.
    pub sources: &'a [SourceVersion],
}

impl Rule {
    /// The rule over packages, if it is one.
    #[must_use]
    pub fn packages(&self) -> Option<PackageRule<'_>> {
        match self {
            Self::Dpkg { release, binaries, sources } => Some(PackageRule { scheme: Scheme::Dpkg, release, binaries, sources }),
            Self::Rpm { release, packages } => Some(PackageRule { scheme: Scheme::Rpm, release, binaries: packages, sources: &[] }),
            Self::Application(_) | Self::Windows(_) | Self::Reported { .. } => None,
        }
    }
}

/// A binary package at a version. An `architecture` of `all` or `noarch` fits a package of any architecture.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BinaryVersion {
    /// Package name.
    pub name: String,
    /// Architecture.
    pub architecture: String,
    /// Version.
    pub version: String,
}

/// A source package at a version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceVersion {
    /// Source package name.
    pub name: String,
    /// Version.
    pub version: String,
}
