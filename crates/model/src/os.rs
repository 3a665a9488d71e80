//! Operating systems and their releases.

mod support;
pub mod windows;

pub use support::end_of_support;

use crate::version::Scheme;
use serde::{Deserialize, Serialize};

crate::text_enum! {
    /// The family of operating systems a patch or an asset belongs to.
    pub enum Platform {
        /// Any Linux distribution.
        Linux = "linux",
        /// Microsoft Windows.
        Windows = "windows",
    }
}

/// A distribution release that packages are built for, as `debian/bookworm` or `ubuntu/jammy`:
/// `ID` and `VERSION_CODENAME` of os-release(5), lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReleaseKey(pub String);

impl ReleaseKey {
    /// The key of `codename` of `distribution`.
    #[must_use]
    pub fn new(distribution: &str, codename: &str) -> Self {
        Self(format!("{}/{}", distribution.to_lowercase(), codename.to_lowercase()))
    }

    /// The distribution's id, `debian` of `debian/bookworm`.
    #[must_use]
    pub fn distribution(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(distribution, _)| distribution)
    }

    /// The release's code name, `bookworm` of `debian/bookworm`.
    #[must_use]
    pub fn codename(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, codename)| codename)
    }
}

impl std::fmt::Display for ReleaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// What an asset says of its operating system; on Linux from os-release(5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OperatingSystem {
    /// Linux or Windows.
    pub platform: Platform,
    /// `ID`: `debian`, `ubuntu`; `windows` on Windows.
    pub id: String,
    /// `PRETTY_NAME`, for people.
    pub name: String,
    /// `VERSION_ID`: `12`, `22.04`; empty when the release has none. On Windows the build: `10.0.19045.3803`.
    pub version: String,
    /// `VERSION_CODENAME`: `bookworm`; empty when there is none. On Windows the product as the vendor spells it:
    /// `Windows 10 Version 22H2 for x64-based Systems`.
    pub codename: String,
    /// The package manager's name for the native architecture: `amd64`, `arm64`.
    pub architecture: String,
    /// Further architectures packages may be installed for (`dpkg --print-foreign-architectures`).
    pub foreign_architectures: Vec<String>,
}

impl OperatingSystem {
    /// The release whose packages this system takes, if it names one: `debian/bookworm`, `rocky/9`, and on Windows the
    /// vendor's name of the product.
    #[must_use]
    pub fn release(&self) -> Option<ReleaseKey> {
        let release = match self.packages() {
            Some(Scheme::Rpm) => rpm_release(&self.id, &self.version),
            _ => &self.codename,
        };
        (!self.id.is_empty() && !release.is_empty()).then(|| ReleaseKey::new(&self.id, release))
    }

    /// How versions of its packages compare; `None` where there are no packages.
    #[must_use]
    pub fn packages(&self) -> Option<Scheme> {
        match self.platform {
            Platform::Windows => None,
            Platform::Linux if is_rpm_distribution(&self.id) => Some(Scheme::Rpm),
            Platform::Linux => Some(Scheme::Dpkg),
        }
    }
}

/// `ID` of distributions that are made of RPM packages.
fn is_rpm_distribution(id: &str) -> bool {
    const EXACT: [&str; 17] = [
        "almalinux",
        "amzn",
        "centos",
        "circle",
        "cloudlinux",
        "eurolinux",
        "fedora",
        "mariner",
        "azurelinux",
        "miraclelinux",
        "ol",
        "openEuler",
        "photon",
        "redhat",
        "rhel",
        "rocky",
        "scientific",
    ];
    EXACT.contains(&id) || id.starts_with("opensuse") || id.starts_with("sle")
}

/// Packages of Enterprise Linux and its kin are built for a major version, those of SUSE for a service pack.
fn rpm_release<'a>(id: &str, version: &'a str) -> &'a str {
    if id.starts_with("opensuse") || id.starts_with("sle") { version } else { version.split('.').next().unwrap_or(version) }
}
