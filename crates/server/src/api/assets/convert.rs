//! From the index and the store to what the API shows of assets.

use super::row::{
    AssetRow, DiskBody, HardwareBody, InterfaceBody, InventoryBody, KernelsBody, LogOnBody, OperatingSystemBody, PackageManagerBody,
    PackageRow, TagRef,
};
use crate::App;
use crate::api::problem::Problem;
use fettle_fleet::ONLINE;
use fettle_model::ids::TagId;
use fettle_model::inventory::{Inventory, Package, RebootEvidence, Volatile};
use fettle_model::os::end_of_support;
use fettle_model::patch::Severity;
use fettle_model::tag::Tag;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Makes rows: knows the names of tags, and who is online.
pub(crate) struct Rows {
    tags: HashMap<TagId, Tag>,
    /// Who was heard from since then is online, as queries see it.
    online_since: Timestamp,
}

impl Rows {
    /// Reads the names of tags; who is online is told as of `now`.
    pub(crate) async fn new(app: &Arc<App>, now: Timestamp) -> Result<Self, Problem> {
        let tags = app.store.tags().await?;
        let tags = tags.into_iter().map(|tag| (tag.id, tag)).collect();
        let online_since = now.checked_sub(ONLINE).unwrap_or(Timestamp::MIN);
        Ok(Self { tags, online_since })
    }

    /// Names tags; one that was deleted this moment is left out.
    pub(crate) fn tags(&self, ids: &BTreeSet<TagId>) -> Vec<TagRef> {
        let mut tags: Vec<TagRef> = ids.iter().filter_map(|id| self.tag(*id)).collect();
        tags.sort_by(|one, other| one.name.cmp(&other.name));
        tags
    }

    /// Names a tag.
    pub(crate) fn tag(&self, id: TagId) -> Option<TagRef> {
        self.tags.get(&id).map(|tag| TagRef { id, name: tag.name.clone(), dynamic: tag.query.is_some() })
    }

    /// One row.
    pub(crate) fn row(&self, row: &fettle_fleet::AssetRow) -> AssetRow {
        let card = &row.card;
        AssetRow {
            id: card.id,
            name: card.name.clone(),
            platform: card.platform,
            os: card.os_name.clone(),
            release: card.release.as_ref().map(ToString::to_string),
            architecture: card.architecture.clone(),
            tags: self.tags(&card.tags),
            scan_status: card.scan_status,
            scan_error: card.scan_error.clone(),
            last_scan: card.last_scan,
            last_check_in: row.last_check_in,
            online: row.last_check_in.is_some_and(|at| at >= self.online_since),
            agent_version: card.agent_version.clone(),
            assess_only: card.assess_only,
            logged_on_user: card.logged_on_user.clone(),
            missing: row.counts.missing,
            latest_missing: row.counts.latest_missing,
            latest_missing_security: row.counts.latest_missing_security,
            missing_critical: row.counts.missing_of(Severity::Critical),
            installed: row.counts.installed,
            compliance: row.counts.compliance(),
            risk: row.counts.risk,
            pending_reboot: card.pending_reboot,
            addresses: card.addresses.clone(),
        }
    }
}

/// What the last scan observed.
pub(super) fn inventory(inventory: Inventory, volatile: Volatile) -> InventoryBody {
    let os = inventory.os;
    let hardware = inventory.hardware;
    InventoryBody {
        os: OperatingSystemBody {
            support_ends: os.release().as_ref().and_then(end_of_support),
            platform: os.platform,
            id: os.id,
            name: os.name,
            version: os.version,
            codename: os.codename,
            architecture: os.architecture,
            foreign_architectures: os.foreign_architectures,
        },
        hardware: HardwareBody {
            manufacturer: hardware.manufacturer,
            model: hardware.model,
            serial: hardware.serial,
            cpu: hardware.cpu,
            cpu_cores: hardware.cpu_cores,
            memory_bytes: hardware.memory_bytes,
        },
        interfaces: inventory
            .interfaces
            .into_iter()
            .map(|interface| InterfaceBody { name: interface.name, mac: interface.mac, addresses: interface.addresses })
            .collect(),
        kernels: KernelsBody { running: inventory.kernels.running, installed: inventory.kernels.installed },
        pending_reboot: inventory.pending_reboot.iter().map(evidence).collect(),
        package_manager: PackageManagerBody {
            interrupted: inventory.package_manager.interrupted,
            broken: inventory.package_manager.broken,
        },
        disks: volatile
            .disks
            .into_iter()
            .map(|disk| DiskBody { mount: disk.mount, total_bytes: disk.total_bytes, free_bytes: disk.free_bytes })
            .collect(),
        logged_on: volatile.logged_on.into_iter().map(|person| LogOnBody { user: person.user, terminal: person.terminal }).collect(),
        booted_at: volatile.booted_at,
        package_count: u32::try_from(inventory.packages.len()).unwrap_or(u32::MAX),
    }
}

fn evidence(evidence: &RebootEvidence) -> String {
    match evidence {
        RebootEvidence::Requested { by } if by.is_empty() => "A restart was requested.".to_owned(),
        RebootEvidence::Requested { by } => format!("A restart was requested by {}.", by.join(", ")),
        RebootEvidence::NewerKernel { running, installed } => {
            format!("Kernel {installed} is installed and {running} still runs.")
        }
    }
}

/// One package.
pub(super) fn package(package: Package) -> PackageRow {
    PackageRow {
        name: package.name,
        architecture: package.architecture,
        version: package.version,
        source: package.source,
        source_version: package.source_version,
        state: package.state,
        held: package.held,
    }
}
