//! Assets as the API shows them.

use crate::api::words;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{AssetId, JobId, PatchId, RunId, TagId};
use fettle_model::inventory::PackageState;
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Severity};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One asset, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AssetRow {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: AssetId,
    /// Name of the machine.
    pub name: String,
    /// Linux or Windows.
    /// `null` before the first scan.
    #[schema(value_type = Option<words::Platform>, required)]
    pub platform: Option<Platform>,
    /// Operating system, for people; empty before the first scan.
    pub os: String,
    /// Distribution release, such as `debian/bookworm`.
    #[schema(required)]
    pub release: Option<String>,
    /// Native architecture: `amd64`; empty before the first scan.
    pub architecture: String,
    /// Tags it carries.
    pub tags: Vec<TagRef>,
    /// How the last scan went.
    #[schema(value_type = words::ScanStatus)]
    pub scan_status: ScanStatus,
    /// Why it failed, or why the asset cannot be assessed.
    #[schema(required)]
    pub scan_error: Option<String>,
    /// When the last scan arrived.
    #[schema(required)]
    pub last_scan: Option<Timestamp>,
    /// When the agent was last heard from.
    #[schema(required)]
    pub last_check_in: Option<Timestamp>,
    /// Whether the agent is connected now.
    pub online: bool,
    /// Version of the agent.
    pub agent_version: String,
    /// The agent never changes this machine.
    pub assess_only: bool,
    /// Somebody logged on, when there is one.
    #[schema(required)]
    pub logged_on_user: Option<String>,
    /// Missing patches, superseded ones included.
    pub missing: u32,
    /// Missing patches that nothing supersedes.
    pub latest_missing: u32,
    /// Of `latest_missing`, those that fix vulnerabilities.
    pub latest_missing_security: u32,
    /// Of `missing`, those the vendor rates critical.
    pub missing_critical: u32,
    /// Installed patches.
    pub installed: u32,
    /// Share of the applicable latest patches that are installed, in per cent; `null` when none applies.
    #[schema(required)]
    pub compliance: Option<f64>,
    /// Sum over missing latest patches of what each puts at risk.
    pub risk: u32,
    /// The machine should be restarted.
    pub pending_reboot: bool,
    /// Network addresses, without loopback.
    pub addresses: Vec<String>,
}

/// A tag, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TagRef {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: TagId,
    /// Name.
    pub name: String,
    /// A query decides who carries it.
    pub dynamic: bool,
}

/// An asset, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssetRef {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: AssetId,
    /// Name.
    pub name: String,
}

/// One asset with everything known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AssetDetail {
    /// What lists show.
    #[serde(flatten)]
    pub row: AssetRow,
    /// When it enrolled.
    pub created_at: Timestamp,
    /// Stable name of the machine's installation, as its agent computed it.
    pub machine_id: String,
    /// What the last scan observed; `null` before the first.
    #[schema(required)]
    pub inventory: Option<InventoryBody>,
}

/// What the last scan observed, without the packages, which have a list of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InventoryBody {
    /// Operating system.
    pub os: OperatingSystemBody,
    /// Hardware.
    pub hardware: HardwareBody,
    /// Network interfaces.
    pub interfaces: Vec<InterfaceBody>,
    /// Kernels.
    pub kernels: KernelsBody,
    /// Why the machine should be restarted, one sentence each; empty when it need not be.
    pub pending_reboot: Vec<String>,
    /// Whether the package manager can work.
    pub package_manager: PackageManagerBody,
    /// File systems that packages are installed to.
    pub disks: Vec<DiskBody>,
    /// People logged on.
    pub logged_on: Vec<LogOnBody>,
    /// When the machine was started.
    #[schema(required)]
    pub booted_at: Option<Timestamp>,
    /// Packages known to the package manager.
    pub package_count: u32,
}

/// Operating system of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatingSystemBody {
    /// Linux or Windows.
    #[schema(value_type = words::Platform)]
    pub platform: Platform,
    /// Short name: `debian`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Version: `12`.
    pub version: String,
    /// Code name: `bookworm`.
    pub codename: String,
    /// Native architecture.
    pub architecture: String,
    /// Further architectures packages may be installed for.
    pub foreign_architectures: Vec<String>,
    /// Last day on which the vendor publishes security updates of this release for everyone; `null` where that is not
    /// known. Later, that nothing is missing is no good news.
    #[schema(required)]
    pub support_ends: Option<Date>,
}

/// Hardware of an asset. Texts are empty where the machine does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HardwareBody {
    /// Who made it.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Processor model.
    pub cpu: String,
    /// Logical processors.
    pub cpu_cores: u32,
    /// Main memory, in bytes.
    pub memory_bytes: u64,
}

/// One network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InterfaceBody {
    /// Name.
    pub name: String,
    /// Hardware address; empty when it has none.
    pub mac: String,
    /// Addresses.
    pub addresses: Vec<String>,
}

/// Kernels of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KernelsBody {
    /// The one that runs.
    pub running: String,
    /// Those installed, oldest first.
    pub installed: Vec<String>,
}

/// Whether the package manager can work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageManagerBody {
    /// dpkg was interrupted.
    pub interrupted: bool,
    /// Packages that are neither installed nor removed.
    pub broken: Vec<String>,
}

/// Space on one file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiskBody {
    /// Where it is mounted.
    pub mount: String,
    /// Size in bytes.
    pub total_bytes: u64,
    /// Free, in bytes.
    pub free_bytes: u64,
}

/// A person logged on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogOnBody {
    /// User name.
    pub user: String,
    /// Terminal or seat.
    pub terminal: String,
}

/// One package of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageRow {
    /// Name.
    pub name: String,
    /// Architecture.
    pub architecture: String,
    /// Version.
    pub version: String,
    /// Source package.
    pub source: String,
    /// Version of the source package.
    pub source_version: String,
    /// How far dpkg got with it.
    #[schema(value_type = words::PackageState)]
    pub state: PackageState,
    /// Marked to be kept at its version.
    pub held: bool,
}

/// One patch of an asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AssetPatchRow {
    /// The patch.
    #[serde(flatten)]
    pub patch: crate::api::patches::row::PatchRow,
    /// Missing or installed on this asset.
    #[schema(value_type = words::FindingStatus)]
    pub status: FindingStatus,
    /// Why it is missing: the asset's packages that are below the patch's versions. Empty when it is installed,
    /// and when only the source package's fixed version is known.
    pub packages: Vec<OutdatedPackage>,
}

/// A package of an asset that is below the version a patch brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutdatedPackage {
    /// Name.
    pub name: String,
    /// Architecture.
    pub architecture: String,
    /// Version on the asset.
    pub installed: String,
    /// Version the patch brings.
    pub version: String,
    /// Marked to be kept at its version: the patch cannot be installed before that is taken back.
    pub held: bool,
}

/// One job that has run, or runs, on an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssetJobRow {
    /// The job.
    #[schema(value_type = Uuid)]
    pub job: JobId,
    /// Its name.
    pub name: String,
    /// The run.
    #[schema(value_type = Uuid)]
    pub run: RunId,
    /// When the run began.
    pub started_at: Timestamp,
    /// How it went on this asset.
    #[schema(value_type = words::AssetRunStatus)]
    pub status: fettle_deploy::run::AssetRunStatus,
}

/// Tags to give to an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetTags {
    /// All tags the asset is to carry. Those that queries decide may be left out or named; they stay as they are.
    #[schema(value_type = Vec<Uuid>, max_items = 100)]
    pub tags: std::collections::BTreeSet<TagId>,
}

/// The patches that most assets of a list miss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TopPatches {
    /// The version of the index, and the moment, that the answer was made from: answers with the same one belong together. Pass
    /// it as `version` to be answered from the same.
    pub version: String,
    /// How many assets the list has.
    pub total: u64,
    /// How many assets are not counted because their last good scan is missing or old.
    pub unknown: u64,
    /// The patches, those that most assets miss first.
    pub items: Vec<TopPatch>,
}

/// One patch and how many assets of a list miss it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TopPatch {
    /// Id.
    #[schema(value_type = String)]
    pub id: PatchId,
    /// One line for people.
    pub title: String,
    /// Security or not.
    #[schema(value_type = words::Category)]
    pub category: Category,
    /// The vendor's rating.
    #[schema(value_type = words::Severity)]
    pub severity: Severity,
    /// Something it fixes is known to be exploited.
    pub known_exploited: bool,
    /// When the vendor published it.
    #[schema(required)]
    pub published_at: Option<Timestamp>,
    /// A newer patch replaces it.
    pub superseded: bool,
    /// How many assets of the list miss it.
    pub assets: u64,
    /// The list of assets joined with this term by `and` has exactly `assets` rows. `null` in a list of unknown ones, which
    /// no condition on findings narrows to those that were found to miss it.
    #[schema(required)]
    pub term: Option<String>,
}

/// Assets grouped by the values of one field or two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssetGroups {
    /// The version of the index, and the moment, that the answer was made from: answers with the same one belong together. Pass
    /// it as `version` to be answered from the same.
    pub version: String,
    /// How many assets the list has.
    pub total: u64,
    /// How many assets are not counted because their last good scan is missing or old.
    pub unknown: u64,
    /// Names of the fields.
    pub by: Vec<String>,
    /// The groups. An asset with several values of a field is in several.
    pub groups: Vec<AssetGroup>,
}

/// Assets with the same values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssetGroup {
    /// One value per field, as people write it in a query; empty for assets without a value.
    pub values: Vec<String>,
    /// How many assets.
    pub assets: u64,
    /// Sum of their missing patches.
    pub missing: u64,
    /// Sum of their missing patches that nothing supersedes.
    pub latest_missing: u64,
    /// The list of assets joined with this term by `and` has exactly `assets` rows.
    pub term: String,
}

/// A patch, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatchRef {
    /// Id.
    #[schema(value_type = String)]
    pub id: PatchId,
    /// Title.
    pub title: String,
}
