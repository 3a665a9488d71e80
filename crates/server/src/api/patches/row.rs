//! Patches as the API shows them.

use crate::api::assets::row::PatchRef;
use crate::api::vulnerabilities::row::VulnerabilityRow;
use crate::api::words;
use fettle_model::ids::PatchId;
use fettle_model::patch::{Category, PatchKind, Reboot, Severity};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One patch, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PatchRow {
    /// Stable name, such as `debian:bookworm:DSA-5678-1`.
    #[schema(value_type = String)]
    pub id: PatchId,
    /// One line for people.
    pub title: String,
    /// Who publishes it.
    pub vendor: String,
    /// Distribution release, such as `debian/bookworm`.
    #[schema(required)]
    pub release: Option<String>,
    /// Family of products; on Linux the source package.
    pub product: String,
    /// Operating system or application.
    #[schema(value_type = words::PatchKind)]
    pub kind: PatchKind,
    /// Architectures it exists for; empty when it does not matter.
    pub architectures: Vec<String>,
    /// The vendor's advisory id.
    #[schema(required)]
    pub bulletin: Option<String>,
    /// Security or not.
    #[schema(value_type = words::Category)]
    pub category: Category,
    /// The vendor's rating.
    #[schema(value_type = words::Severity)]
    pub severity: Severity,
    /// CVE ids.
    pub cves: Vec<String>,
    /// Knowledge base article.
    #[schema(required)]
    pub kb: Option<String>,
    /// Highest CVSS base score of what it fixes, 0 to 10.
    #[schema(required)]
    pub cvss: Option<f64>,
    /// Highest probability that something it fixes is exploited within 30 days, 0 to 1.
    #[schema(required)]
    pub epss: Option<f64>,
    /// Something it fixes is known to be exploited.
    pub known_exploited: bool,
    /// When it has to be installed by, as the list of known exploited vulnerabilities says.
    #[schema(required)]
    pub known_exploited_due: Option<Date>,
    /// When the vendor published it.
    #[schema(required)]
    pub published_at: Option<Timestamp>,
    /// Whether it asks for a restart.
    #[schema(value_type = words::Reboot)]
    pub reboot: Reboot,
    /// How an agent gets it.
    pub download: DownloadBody,
    /// Whether it can be taken back.
    pub rollback: bool,
    /// A newer patch replaces it.
    pub superseded: bool,
    /// Visible assets that miss it; in a list, those among its asset query.
    pub missing: u64,
    /// Visible assets that have it; in a list, those among its asset query.
    pub installed: u64,
}

/// How an agent gets a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum DownloadBody {
    /// The machine's own package manager fetches and verifies it.
    PackageManager {
        /// Bytes to fetch for all its packages.
        size: u64,
    },
    /// One of these installers, fetched and verified by its digest. Agents cannot run installers yet, so it may not be
    /// deployed.
    Automatic {
        /// One for each architecture and scope.
        installers: Vec<InstallerBody>,
    },
    /// Only a person can get it; it may not be deployed.
    AcquireFromVendor {
        /// Where to get it.
        link: String,
    },
}

/// One installer of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstallerBody {
    /// What made it: `msi`, `inno`, `exe`.
    pub kind: String,
    /// `x86`, `x64`, `arm`, `arm64`, or `neutral`.
    pub architecture: String,
    /// `user`, `machine`, or `unknown`.
    pub scope: String,
    /// Language; `null` when it is for all.
    #[schema(required)]
    pub locale: Option<String>,
    /// Where agents fetch it.
    pub url: String,
    /// Where its vendor has it, when a mirror has agents fetch it elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_url: Option<String>,
    /// SHA-256 digest, hexadecimal.
    pub sha256: String,
    /// Arguments with which it asks nothing.
    pub silent_arguments: String,
    /// Exit codes that mean success, beside 0.
    pub success_codes: Vec<i64>,
    /// Exit codes that mean success once the machine was restarted.
    pub reboot_codes: Vec<i64>,
}

/// One patch with everything known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PatchDetail {
    /// What lists show.
    #[serde(flatten)]
    pub row: PatchRow,
    /// Longer text; may be empty.
    pub description: String,
    /// Where the advisory can be read.
    #[schema(required)]
    pub advisory_url: Option<String>,
    /// Products it applies to.
    pub products: Vec<String>,
    /// Patches it replaces directly.
    pub supersedes: Vec<PatchRef>,
    /// Patches that replace it directly.
    pub superseded_by: Vec<PatchRef>,
    /// Packages and the versions that fix them.
    pub packages: Vec<FixedPackage>,
    /// What is said of the vulnerabilities it fixes, one for each of `cves` in its order.
    pub vulnerabilities: Vec<VulnerabilityRow>,
    /// Name of the feed it came from.
    pub source: String,
    /// When the vendor last changed it.
    #[schema(required)]
    pub modified_at: Option<Timestamp>,
}

/// A package and the version that fixes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FixedPackage {
    /// Name of the package.
    pub name: String,
    /// Architecture; `null` when `name` is a source package.
    #[schema(required)]
    pub architecture: Option<String>,
    /// The version that fixes it.
    pub version: String,
}
