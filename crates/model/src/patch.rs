//! Catalog records: something that can be installed to fix or update a product.

use crate::ids::PatchId;
use crate::installer::Installer;
use crate::os::Platform;
use crate::rule::{BinaryVersion, Rule};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

crate::text_enum! {
    /// What a patch changes.
    pub enum PatchKind {
        /// Part of the operating system.
        Os = "os",
        /// An application on top of it.
        Application = "application",
    }
}

crate::text_enum! {
    /// Whether a patch fixes something that can be attacked.
    pub enum Category {
        /// Fixes at least one vulnerability.
        Security = "security",
        /// Anything else.
        NonSecurity = "non-security",
    }
}

crate::text_enum! {
    /// How the vendor rates a patch, from lowest to highest.
    pub enum Severity {
        /// The vendor gave no rating.
        None = "none",
        /// Low.
        Low = "low",
        /// Moderate.
        Moderate = "moderate",
        /// Important.
        Important = "important",
        /// Critical.
        Critical = "critical",
    }
}

crate::text_enum! {
    /// Whether installing asks for a restart.
    pub enum Reboot {
        /// Never.
        Never = "never",
        /// Depends on what runs on the machine.
        Maybe = "maybe",
        /// Always.
        Required = "required",
    }
}

/// One record of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Stable name.
    pub id: PatchId,
    /// Who publishes it, as the feed's `Origin` says: `Debian`.
    pub vendor: String,
    /// One line for people.
    pub title: String,
    /// Longer text; may be empty.
    pub description: String,
    /// Linux or Windows.
    pub platform: Platform,
    /// Operating system or application.
    pub kind: PatchKind,
    /// Family of products, for Linux the source package: `openssl`.
    pub app_family: String,
    /// Products it applies to, such as `debian/bookworm`.
    pub products: Vec<String>,
    /// Architectures it exists for: `amd64`, `all`. Empty when it does not matter.
    pub architectures: Vec<String>,
    /// The vendor's advisory id, such as `DSA-5678-1`.
    pub bulletin: Option<String>,
    /// Where the advisory can be read.
    pub advisory_url: Option<String>,
    /// Security or not.
    pub category: Category,
    /// The vendor's rating.
    pub vendor_severity: Severity,
    /// CVE ids, ordered.
    pub cves: Vec<String>,
    /// When the vendor published it.
    pub published_at: Option<Timestamp>,
    /// When the vendor last changed it.
    pub modified_at: Option<Timestamp>,
    /// Patches this one replaces directly.
    pub supersedes: Vec<PatchId>,
    /// Whether it asks for a restart.
    pub reboot: Reboot,
    /// How an agent gets it.
    pub download: Download,
    /// Whether and how it can be taken back.
    pub rollback: Rollback,
    /// Which assets miss it or have it.
    pub rule: Rule,
    /// Name of the feed it came from.
    pub source: String,
    /// An administrator can switch a patch off; a withdrawn one is off as well.
    pub enabled: bool,
    /// The version a release was published with: an asset can miss it, but having it is no achievement,
    /// so it makes no `Installed` findings.
    pub baseline: bool,
    /// What others say of its urgency.
    #[serde(default)]
    pub scores: Scores,
}

/// How urgent others say a patch is: the worst of the vulnerabilities it fixes. Empty where nobody says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scores {
    /// Highest CVSS base score in tenths, 0 to 100.
    pub cvss_tenths: Option<u8>,
    /// Highest probability that one is exploited within 30 days (EPSS), in millionths, 0 to 1,000,000.
    pub epss_ppm: Option<u32>,
    /// One is known to be exploited, as CISA's list of known exploited vulnerabilities says.
    pub kev: Option<KnownExploited>,
    /// Knowledge base article of the vendor, such as `KB5031356`.
    pub kb: Option<String>,
}

/// A vulnerability known to be exploited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownExploited {
    /// Last day to have it fixed, as the list says; the earliest where a patch fixes several.
    pub due: Option<jiff::civil::Date>,
}

impl Patch {
    /// What missing this patch adds to the risk of an asset.
    ///
    /// | vendor severity | weight |
    /// |---|---|
    /// | critical | 10 |
    /// | important | 5 |
    /// | moderate | 2 |
    /// | low | 1 |
    /// | not rated, fixes a vulnerability | 3 |
    /// | not rated, fixes none | 1 |
    ///
    /// A patch that fixes something known to be exploited weighs three times as much, so the weight lies
    /// between 1 and 30. The risk of an asset is the sum over the patches it misses that nothing supersedes.
    #[must_use]
    pub fn risk_weight(&self) -> u32 {
        let rated = match (self.vendor_severity, self.category) {
            (Severity::Critical, _) => 10,
            (Severity::Important, _) => 5,
            (Severity::Moderate, _) => 2,
            (Severity::Low, _) | (Severity::None, Category::NonSecurity) => 1,
            (Severity::None, Category::Security) => 3,
        };
        if self.scores.kev.is_some() { 3 * rated } else { rated }
    }
}

/// How an agent gets a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Download {
    /// The machine's own package manager fetches and verifies it. Sizes are those the index states.
    PackageManager {
        /// Bytes to fetch for all its packages.
        size: u64,
    },
    /// The agent fetches one of these installers, checks its digest and runs it.
    Automatic {
        /// One for each architecture and scope; never empty.
        installers: Vec<Installer>,
    },
    /// Cannot be fetched by an agent; may not be deployed.
    AcquireFromVendor {
        /// Where a person can get it, or read why not.
        link: String,
    },
}

/// Whether and how a patch can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Rollback {
    /// No earlier version is known to be available.
    No,
    /// Installing the earlier version of each package.
    PreviousVersion {
        /// Earlier versions that the package sources still carry.
        packages: Vec<BinaryVersion>,
    },
}
