//! Feeds as the API takes and shows them.

use fettle_model::ids::FeedId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A source of catalog records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: FeedId,
    /// Name, unique.
    pub name: String,
    /// What it reads.
    pub config: FeedConfigBody,
    /// Whether it is synchronised by itself.
    pub enabled: bool,
    /// How it went.
    pub state: FeedState,
}

/// What a feed reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeedConfigBody {
    /// One release of Debian or a distribution made like it.
    Debian {
        /// The release: `debian/bookworm`.
        release: String,
        /// Package sources: the release itself, its updates, its security updates.
        #[schema(min_items = 1, max_items = 16)]
        sources: Vec<AptSourceBody>,
        /// Architectures to read: `amd64`.
        #[schema(min_items = 1, max_items = 16)]
        architectures: Vec<String>,
        /// Addresses or files of advisories: each the security tracker's list (`DSA/list`, `DLA/list`), or an archive of OSV
        /// records as Ubuntu publishes.
        #[serde(default, deserialize_with = "fettle_catalog::none_one_or_several")]
        #[schema(max_items = 16)]
        advisories: Vec<String>,
    },
    /// Microsoft's security documents about Windows and what runs on it.
    Microsoft {
        /// Address of the vendor's API, or of a folder with documents; `https` or `file`.
        #[serde(default = "microsoft_api")]
        #[schema(default = "https://api.msrc.microsoft.com/cvrf/v3.0")]
        source: String,
        /// Documents that were first published on an earlier day are left out: `2023-01-01`.
        #[serde(default)]
        since: Option<String>,
    },
    /// Applications on Windows, from manifests as the Windows Package Manager reads them.
    Winget {
        /// A folder on the server, or the address of a `.zip` or `.tar.gz` archive, with manifests anywhere in it.
        manifests: String,
        /// Identifiers of the packages to read, such as `7zip.7zip`, or beginnings such as `Mozilla.*`; all when empty.
        #[serde(default)]
        #[schema(max_items = 10_000)]
        packages: Vec<String>,
    },
    /// Repositories of RPM packages of one release of a distribution.
    Rpm {
        /// The release, by id and number: `rocky/9`, `sles/15.6`.
        release: String,
        /// Its repositories: the release itself, its updates, what comes beside it.
        #[schema(min_items = 1, max_items = 32)]
        repositories: Vec<RpmRepositoryBody>,
        /// Architectures to read: `x86_64`. Packages for all of them come too.
        #[schema(min_items = 1, max_items = 16)]
        architectures: Vec<String>,
    },
    /// CISA's list of vulnerabilities that are known to be exploited. It has no patches; it says which ones are urgent.
    KnownExploited {
        /// Address of the list in JSON, or a file on the server; `https` or `file`.
        #[serde(default = "known_exploited_list")]
        #[schema(default = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json")]
        source: String,
    },
    /// How probable it is that vulnerabilities are exploited (EPSS). It has no patches; it says which ones are urgent.
    Exploitation {
        /// Address of the list in CSV, packed with gzip or not, or a file on the server; `https` or `file`.
        #[serde(default = "exploitation_list")]
        #[schema(default = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz")]
        source: String,
    },
    /// What vulnerabilities are and how severe (CVSS), as records of the Open Source Vulnerability format say. It has no patches.
    Descriptions {
        /// Address of a `.zip` or `.tar.gz` archive of records, or a folder or archive on the server; `https` or `file`.
        #[serde(default = "descriptions")]
        #[schema(default = "https://osv-vulnerabilities.storage.googleapis.com/Debian/all.zip")]
        source: String,
    },
    /// A feed of another server, which came with a bundle of its catalog. Only imports make and change it.
    Bundle {
        /// The name of the source.
        from: String,
        /// Number of the bundle that was imported last.
        sequence: u64,
        /// Its id there.
        #[schema(value_type = Uuid)]
        origin: FeedId,
        /// Its kind there, such as `debian`.
        original: String,
        /// What it carries: `patches` or `facts`, which are what somebody says of vulnerabilities.
        carries: String,
        /// The release its patches are for, where they are for one.
        #[serde(default)]
        release: Option<String>,
        /// Where the package managers of machines find what it describes.
        #[serde(default)]
        repositories: Vec<String>,
    },
}

fn descriptions() -> String {
    fettle_catalog::DESCRIPTIONS.to_owned()
}

fn known_exploited_list() -> String {
    fettle_catalog::KNOWN_EXPLOITED_LIST.to_owned()
}

fn exploitation_list() -> String {
    fettle_catalog::EXPLOITATION_LIST.to_owned()
}

fn microsoft_api() -> String {
    fettle_catalog::MICROSOFT_API.to_owned()
}

/// One package source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AptSourceBody {
    /// Root of the archive: an `http`, `https` or `file` URL.
    pub uri: String,
    /// Suite: `bookworm-security`.
    pub suite: String,
    /// Components: `main`.
    #[schema(min_items = 1, max_items = 32)]
    pub components: Vec<String>,
    /// Path of a keyring file on the server, or the armoured text of one.
    pub keyring: String,
}

/// One repository of RPM packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RpmRepositoryBody {
    /// Its root, above `repodata/`: an `https` or `file` URL, or an `http` one with a keyring.
    pub uri: String,
    /// Path of a keyring file on the server, or the armoured text of one. Without it the list of files need not be signed.
    #[serde(default)]
    pub keyring: Option<String>,
}

/// How a feed went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedState {
    /// When it was last tried.
    #[schema(required)]
    pub last_attempt: Option<Timestamp>,
    /// When it last succeeded.
    #[schema(required)]
    pub last_success: Option<Timestamp>,
    /// When it is tried next by itself; a time that is over while it waits for its turn, `null` while it is switched off.
    #[schema(required)]
    pub next_sync: Option<Timestamp>,
    /// Why the last attempt failed, if it did.
    #[schema(required)]
    pub error: Option<String>,
    /// What an administrator should know although it succeeded.
    pub warnings: Vec<String>,
    /// Patches the last change added; vulnerabilities where the feed speaks of these.
    pub added: u32,
    /// Patches, or vulnerabilities, the last change altered.
    pub changed: u32,
    /// Patches, or vulnerabilities, the last change withdrew.
    pub withdrawn: u32,
    /// Patches the feed has now.
    pub patches: u32,
    /// Vulnerabilities the feed speaks of now, where it says how urgent they are.
    pub facts: u32,
    /// What it is doing right now; `null` when it rests.
    #[schema(required)]
    pub progress: Option<String>,
}

/// A new feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFeed {
    /// Name, unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it reads.
    pub config: FeedConfigBody,
    /// Whether it is synchronised by itself.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// Changes to a feed. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeFeed {
    /// Name, unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// What it reads.
    pub config: Option<FeedConfigBody>,
    /// Whether it is synchronised by itself.
    pub enabled: Option<bool>,
}

/// Feeds made from the package sources of the machine the server runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedsFromMachine {
    /// Feeds that were made.
    pub created: Vec<FeedBody>,
    /// What was not taken, and why, one sentence each.
    pub skipped: Vec<String>,
    /// What an administrator should know, such as a missing security source.
    pub notes: Vec<String>,
}
