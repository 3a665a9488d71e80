//! Bringing one feed up to date.

use crate::error::SyncError;
use crate::feed::{Feed, FeedConfig, Folders};
use crate::fetch::Fetcher;
use crate::progress::Progress;
use crate::vulnerabilities::{read_exploited, read_probabilities};
use fettle_model::clock::Clock;
use fettle_model::patch::Patch;
use fettle_model::vulnerability::VulnerabilityFacts;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a feed's patches were made from: the digest of its configuration, of the indexes and advisories it read,
/// and of the rules that made patches of them. Opaque text; store it when the patches are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// Of these parts, in their order.
    pub(crate) fn of(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.as_ref().len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(data_encoding::HEXLOWER.encode(&hash.finalize()))
    }
}

/// Runs work that keeps a processor busy where it does not hold up others.
pub(crate) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SyncError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| SyncError::Stopped)
}

/// How a sync ended well.
#[derive(Debug)]
pub enum Synced {
    /// Nothing changed since `since`; nothing was parsed.
    Unchanged {
        /// What a person should look at; at most a few lines.
        warnings: Vec<String>,
    },
    /// All that the feed carries.
    Changed {
        /// What it carries.
        content: Content,
        /// What a person should look at; at most a few lines.
        warnings: Vec<String>,
        /// What was read.
        summary: Summary,
        /// Pass it to the next sync once the content is stored.
        fingerprint: Fingerprint,
    },
}

/// What a feed carries: a kind of feed has always the same.
#[derive(Debug)]
pub enum Content {
    /// Every patch of the feed, ordered by id.
    Patches(Vec<Patch>),
    /// What the feed says of vulnerabilities, one for each, ordered by CVE id.
    Facts(Vec<VulnerabilityFacts>),
}

impl Content {
    /// The patches; none of a feed that carries facts.
    #[must_use]
    pub fn into_patches(self) -> Vec<Patch> {
        match self {
            Self::Patches(patches) => patches,
            Self::Facts(_) => Vec::new(),
        }
    }

    /// The facts; none of a feed that carries patches.
    #[must_use]
    pub fn into_facts(self) -> Vec<VulnerabilityFacts> {
        match self {
            Self::Patches(_) => Vec::new(),
            Self::Facts(facts) => facts,
        }
    }
}

/// What a sync read and made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Repositories, in the feed's order.
    pub sources: Vec<SourceSummary>,
    /// Binary packages read, over all indexes.
    pub packages: usize,
    /// Advisories for this release.
    pub advisories: usize,
    /// Patches made.
    pub patches: usize,
    /// Of `patches`, those that fix vulnerabilities.
    pub security: usize,
    /// Fixes that are no patches here: what is neither a package nor an update with an article.
    pub left_out: usize,
    /// Vulnerabilities that a list says something of.
    pub facts: usize,
}

/// What a sync learnt of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSummary {
    /// Root of the archive.
    pub uri: String,
    /// Suite as configured.
    pub suite: String,
    /// `Origin` of its `Release`; empty when it states none.
    pub origin: String,
    /// When it was published.
    pub date: Timestamp,
    /// Until when it may be used; `None` when it does not say.
    pub valid_until: Option<Timestamp>,
    /// Fingerprints of the keys whose signatures were good.
    pub signed_by: Vec<String>,
    /// Binary packages in the chosen components and architectures.
    pub packages: usize,
}

/// Brings a feed up to date: fetches what changed, verifies it, and makes patches of it.
///
/// `since` is the fingerprint stored with the feed's patches; `None` makes everything anew. Two syncs of one feed
/// at the same time are refused by neither and harmless, but waste work. Dropping the future stops the sync.
///
/// # Errors
/// When a repository cannot be fetched, verified or read; then nothing may be imported. An advisory list that
/// cannot be fetched is no error: the last good copy is used, with a warning.
pub async fn sync(
    feed: &Feed,
    since: Option<&Fingerprint>,
    folders: &Folders,
    fetcher: &Fetcher,
    clock: &dyn Clock,
    progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    let flaws = feed.config.check(folders);
    if !flaws.is_empty() {
        return Err(SyncError::Configuration(flaws));
    }
    match &feed.config {
        FeedConfig::Debian(debian) => crate::apt::sync(&feed.name, debian, since, folders, fetcher, clock, progress).await,
        FeedConfig::Microsoft(microsoft) => crate::microsoft::sync(&feed.name, microsoft, since, folders, fetcher, clock, progress).await,
        FeedConfig::Winget(winget) => crate::winget::sync(&feed.name, winget, since, folders, fetcher, progress).await,
        FeedConfig::Rpm(rpm) => crate::rpm::sync(&feed.name, rpm, since, folders, fetcher, progress).await,
        FeedConfig::KnownExploited(list) => {
            crate::vulnerabilities::sync("known_exploited", &list.source, read_exploited, since, folders, fetcher, progress).await
        }
        FeedConfig::Exploitation(list) => {
            crate::vulnerabilities::sync("exploitation", &list.source, read_probabilities, since, folders, fetcher, progress).await
        }
        FeedConfig::Descriptions(list) => crate::vulnerabilities::sync_records(&list.source, since, folders, fetcher, progress).await,
        // The check above refuses these: there is nothing to fetch.
        FeedConfig::Bundle(_) => Err(SyncError::Configuration(flaws)),
    }
}
