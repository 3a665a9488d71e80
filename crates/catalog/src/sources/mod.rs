//! The machine's own apt configuration (sources.list(5)) as a feed.

mod list;
mod machine;

pub use machine::from_machine;

use crate::feed::{AptSource, DebianFeed, FeedConfig, Location};
use fettle_model::os::ReleaseKey;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where Debian's security team, and the team for long-term support that takes releases over from it after three years,
/// publish their advisories in the format that [`DebianFeed::advisories`] wants.
pub const DEBIAN_ADVISORIES: [&str; 2] = [
    "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list",
    "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DLA/list",
];
/// Where Ubuntu's security team publishes its notices as records of the Open Source Vulnerability format
/// (documentation.ubuntu.com/security/security-updates/osv).
pub const UBUNTU_ADVISORIES: &str = "https://security-metadata.canonical.com/osv/osv-all.tar.xz";

/// What the machine's apt configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineSources {
    /// The machine's release.
    pub release: ReleaseKey,
    /// The package manager's architectures, the native one first.
    pub architectures: Vec<String>,
    /// Repositories of the distribution.
    pub sources: Vec<AptSource>,
    /// Entries that were left out.
    pub skipped: Vec<SkippedSource>,
    /// What a person should know, such as a missing security repository.
    pub notes: Vec<String>,
}

/// An entry that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedSource {
    /// The file it stands in, as seen on the machine.
    pub file: PathBuf,
    /// The entry: address and suite.
    pub entry: String,
    /// Why it was left out.
    pub why: String,
}

/// Why the apt configuration could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// The machine does not say which release it is.
    #[error("{path} does not name a Debian or Ubuntu release (ID and VERSION_CODENAME); give a feed's sources by hand")]
    NoRelease {
        /// The file that should.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("{path} could not be read")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl MachineSources {
    /// A feed of these sources; `None` when there are none. The public advisories of Debian and Ubuntu are part of it.
    #[must_use]
    pub fn feed(&self) -> Option<FeedConfig> {
        let public = match self.release.distribution() {
            "debian" => DEBIAN_ADVISORIES.as_slice(),
            "ubuntu" => &[UBUNTU_ADVISORIES],
            _ => &[],
        };
        let advisories = public.iter().filter_map(|address| Location::parse(address).ok()).collect();
        (!self.sources.is_empty()).then(|| {
            FeedConfig::Debian(DebianFeed {
                release: self.release.clone(),
                sources: self.sources.clone(),
                architectures: self.architectures.clone(),
                advisories,
            })
        })
    }
}
