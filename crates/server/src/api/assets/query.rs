//! What asset lists can be asked for.

use crate::api::list_query::list_query;
use crate::api::page::AnyOf;
use fettle_model::asset::ScanStatus;
use fettle_model::ids::{PatchId, TagId};

fettle_model::text_enum! {
    /// What asset lists can be sorted by.
    pub enum AssetColumn {
        /// Name.
        Name = "name",
        /// Time of the last scan.
        LastScan = "last_scan",
        /// Time the agent was last heard from.
        LastCheckIn = "last_check_in",
        /// Operating system.
        Os = "os",
        /// Missing patches.
        Missing = "missing",
        /// Missing patches that nothing supersedes.
        LatestMissing = "latest_missing",
        /// Of those, security patches.
        LatestMissingSecurity = "latest_missing_security",
        /// Installed patches.
        Installed = "installed",
        /// Scan status.
        ScanStatus = "scan_status",
    }
}

list_query! {
    /// Filters of asset lists; all that are given must hold.
    pub struct AssetQuery sorted by AssetColumn, as "Column to sort by, with `-` before it for largest first: `name`, `last_scan`, `last_check_in`, `os`, `missing`, `latest_missing`, `latest_missing_security`, `installed`, `scan_status`." {
        /// Ids of tags, comma-separated: assets that carry one of them, or one below.
        #[param(value_type = Option<String>)]
        tag: AnyOf<TagId>,
        /// Operating systems as the facet names them, comma-separated.
        #[param(value_type = Option<String>)]
        os: AnyOf<String>,
        /// Scan statuses, comma-separated.
        #[param(value_type = Option<String>)]
        scan_status: AnyOf<ScanStatus>,
        /// Whether the agent is connected now.
        online: Option<bool>,
        /// Id of a patch the asset misses.
        #[param(value_type = Option<String>)]
        missing_patch: Option<PatchId>,
        /// Id of a patch the asset has.
        #[param(value_type = Option<String>)]
        installed_patch: Option<PatchId>,
        /// Distribution releases, comma-separated: `debian/bookworm`.
        #[param(value_type = Option<String>)]
        release: AnyOf<String>,
        /// Whether the machine should be restarted.
        reboot_pending: Option<bool>,
    }
}
