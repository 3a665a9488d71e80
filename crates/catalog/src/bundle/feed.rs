//! A feed that comes with bundles, on the importing server.

use super::{Carries, FeedEntry};
use crate::feed::{FeedConfig, Location};
use fettle_model::ids::FeedId;
use fettle_model::os::ReleaseKey;
use serde::{Deserialize, Serialize};

/// A feed of another server. Imports write it; nobody else may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledFeed {
    /// The name by which its exporter is trusted here.
    pub from: String,
    /// Number of the bundle that was imported last.
    pub sequence: u64,
    /// Its id there.
    pub origin: FeedId,
    /// Its kind there, such as `debian`.
    pub original: String,
    /// What it carries.
    pub carries: Carries,
    /// The release its patches are for, where they are for one.
    pub release: Option<ReleaseKey>,
    /// Where the package managers of machines find what it describes.
    pub repositories: Vec<Location>,
}

impl BundledFeed {
    /// A feed as an import makes it.
    #[must_use]
    pub fn new(entry: &FeedEntry, from: &str, sequence: u64) -> Self {
        let feed = entry.feed.clone();
        Self {
            from: from.to_owned(),
            sequence,
            origin: feed.id,
            original: feed.kind,
            carries: feed.carries,
            release: feed.release,
            repositories: feed.repositories,
        }
    }
}

impl FeedConfig {
    /// What feeds of this kind carry.
    #[must_use]
    pub fn carries(&self) -> Carries {
        match self {
            Self::Debian(_) | Self::Microsoft(_) | Self::Winget(_) | Self::Rpm(_) => Carries::Patches,
            Self::KnownExploited(_) | Self::Exploitation(_) | Self::Descriptions(_) => Carries::Facts,
            Self::Bundle(feed) => feed.carries,
        }
    }
}
