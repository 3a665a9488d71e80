//! What list pages show of assets and patches.

use crate::catalog::Entry;
use crate::origin::Origin;
use crate::software::SoftwareList;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingCounts;
use fettle_model::ids::{AssetId, TagId};
use fettle_model::inventory::Hardware;
use fettle_model::os::{Platform, ReleaseKey};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One asset as the store and the agent's last scan describe it. Texts are empty where nothing is known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetCard {
    /// Id.
    pub id: AssetId,
    /// Name of the machine.
    pub name: String,
    /// Linux or Windows; `None` before the first scan.
    pub platform: Option<Platform>,
    /// Operating system, for people: `Debian GNU/Linux 12 (bookworm)`.
    pub os_name: String,
    /// Version of the operating system: `12`, `22.04`.
    pub os_version: String,
    /// Build of the operating system; on Linux the release of the running kernel.
    pub os_build: String,
    /// The package manager's name for the architecture: `amd64`.
    pub architecture: String,
    /// Distribution release, when the system names one.
    pub release: Option<ReleaseKey>,
    /// Tags the asset carries itself; tags above them are not added.
    pub tags: BTreeSet<TagId>,
    /// How the last scan went.
    pub scan_status: ScanStatus,
    /// Why it failed, or why the system is not supported.
    pub scan_error: Option<String>,
    /// When the last scan was made.
    pub last_scan: Option<Timestamp>,
    /// When the agent was last heard from. In lists [`AssetRow::last_check_in`] is newer.
    pub last_check_in: Option<Timestamp>,
    /// The agent's version.
    pub agent_version: String,
    /// The agent never changes its machine.
    pub assess_only: bool,
    /// Who is logged on; the first of several.
    pub logged_on_user: Option<String>,
    /// The machine should be restarted.
    pub pending_reboot: bool,
    /// Network addresses, in text.
    pub addresses: Vec<String>,
    /// Hardware addresses of network interfaces, as `aa:bb:cc:dd:ee:ff`.
    pub macs: Vec<String>,
    /// Hardware; shared, since machines are bought by the dozen.
    pub hardware: Arc<Hardware>,
    /// Free space in bytes on the fullest file system that packages are installed to.
    pub disk_free: Option<u64>,
    /// The packages on it; `None` before its first inventory was read, and when there was no room to keep them.
    pub software: Option<SoftwareList>,
    /// When the asset was enrolled.
    pub created_at: Timestamp,
    /// From which stored record the card, its software and the findings beside it were made.
    pub origin: Origin,
}

impl AssetCard {
    /// The card of an asset of which no more than this is known.
    #[must_use]
    pub fn new(id: AssetId, name: String, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            platform: None,
            os_name: String::new(),
            os_version: String::new(),
            os_build: String::new(),
            architecture: String::new(),
            release: None,
            tags: BTreeSet::new(),
            scan_status: ScanStatus::NeverScanned,
            scan_error: None,
            last_scan: None,
            last_check_in: None,
            agent_version: String::new(),
            assess_only: false,
            logged_on_user: None,
            pending_reboot: false,
            addresses: Vec::new(),
            macs: Vec::new(),
            hardware: Arc::default(),
            disk_free: None,
            software: None,
            created_at,
            origin: Origin::default(),
        }
    }
}

/// One line of the list of assets.
#[derive(Debug, Clone)]
pub struct AssetRow {
    /// What is known of the asset.
    pub card: Arc<AssetCard>,
    /// Counters of its findings.
    pub counts: FindingCounts,
    /// When the agent was last heard from.
    pub last_check_in: Option<Timestamp>,
}

/// One line of the list of patches.
#[derive(Debug, Clone)]
pub struct PatchRow {
    /// The patch and its place in the catalog.
    pub entry: Arc<Entry>,
    /// Assets in scope that miss it.
    pub missing: u64,
    /// Assets in scope that have it.
    pub installed: u64,
}
