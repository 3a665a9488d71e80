//! What a list is to hold, and in which order. The parts of a filter are joined by "and"; an empty part
//! lets everything through.

use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{PatchId, TagId};
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, PatchKind, Severity};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Which assets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssetFilter {
    /// Name, operating system, address or logged-on user contains this, upper and lower case alike.
    pub text: Option<String>,
    /// Carries one of these; add the children of chosen tags first.
    pub tags: Option<BTreeSet<TagId>>,
    /// One of these operating system names, exactly; empty: any.
    pub os: BTreeSet<String>,
    /// Platform.
    pub platform: Option<Platform>,
    /// One of these distribution releases; empty: any.
    pub release: BTreeSet<ReleaseKey>,
    /// The last scan went in one of these ways; empty: any.
    pub scan_status: BTreeSet<ScanStatus>,
    /// Heard from lately, or not.
    pub seen: Option<Seen>,
    /// Misses this patch. A patch the catalog does not know is missed by nobody.
    pub missing_patch: Option<PatchId>,
    /// Has this patch.
    pub installed_patch: Option<PatchId>,
    /// Should be restarted, or need not be.
    pub pending_reboot: Option<bool>,
}

/// When an agent was last heard from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// At this moment or later.
    Since(Timestamp),
    /// Earlier than this moment, or never.
    NotSince(Timestamp),
}

/// Which patches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchFilter {
    /// Id, title, product, bulletin or a CVE contains this, upper and lower case alike.
    pub text: Option<String>,
    /// Some asset in scope misses (has) it. `None`: some asset in scope misses or has it.
    pub status: Option<FindingStatus>,
    /// Also patches that apply to no asset in scope, and those switched off.
    pub all: bool,
    /// Only patches that nothing supersedes.
    pub latest: bool,
    /// One of these categories; empty: any.
    pub category: BTreeSet<Category>,
    /// One of these vendor severities; empty: any.
    pub severity: BTreeSet<Severity>,
    /// Operating system or application.
    pub kind: Option<PatchKind>,
    /// Speaks of one of these distribution releases; empty: any.
    pub release: BTreeSet<ReleaseKey>,
    /// Fixes this CVE, exactly.
    pub cve: Option<String>,
}

fettle_model::text_enum! {
    /// Up or down.
    pub enum Direction {
        /// Least first.
        Ascending = "ascending",
        /// Greatest first.
        Descending = "descending",
    }
}

/// A column and a direction. Equal rows are ordered by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sorted<By> {
    /// Column.
    pub by: By,
    /// Direction.
    pub direction: Direction,
}

impl<By> Sorted<By> {
    /// Least first.
    pub fn ascending(by: By) -> Self {
        Self { by, direction: Direction::Ascending }
    }

    /// Greatest first.
    pub fn descending(by: By) -> Self {
        Self { by, direction: Direction::Descending }
    }
}

fettle_model::text_enum! {
    /// Columns assets can be sorted by; the texts are the names of the columns in the API.
    pub enum AssetSort {
        /// Name.
        Name = "name",
        /// Operating system name.
        Os = "os",
        /// Architecture.
        Architecture = "architecture",
        /// Distribution release.
        Release = "release",
        /// How the last scan went.
        ScanStatus = "scan_status",
        /// When the last scan was made; never comes first.
        LastScan = "last_scan",
        /// When the agent was last heard from; never comes first.
        LastCheckIn = "last_check_in",
        /// The agent's version.
        AgentVersion = "agent_version",
        /// Who is logged on.
        LoggedOnUser = "logged_on_user",
        /// Missing patches.
        Missing = "missing",
        /// Missing patches that nothing supersedes.
        LatestMissing = "latest_missing",
        /// Of those, the ones that fix vulnerabilities.
        LatestMissingSecurity = "latest_missing_security",
        /// Installed patches.
        Installed = "installed",
        /// Whether a restart is due.
        PendingReboot = "pending_reboot",
    }
}

fettle_model::text_enum! {
    /// Columns patches can be sorted by; the texts are the names of the columns in the API.
    pub enum PatchSort {
        /// Id.
        Id = "id",
        /// Title.
        Title = "title",
        /// Vendor.
        Vendor = "vendor",
        /// Distribution release.
        Release = "release",
        /// Family of products.
        Product = "product",
        /// The vendor's advisory id.
        Bulletin = "bulletin",
        /// Category; security comes first.
        Category = "category",
        /// Vendor severity; none comes first.
        Severity = "severity",
        /// When it was published; unknown comes first.
        PublishedAt = "published_at",
        /// Assets in scope that miss it.
        Missing = "missing",
        /// Assets in scope that have it.
        Installed = "installed",
    }
}
