//! What asset lists can be asked for.

use crate::api::list_query::list_query;
use crate::api::page::{AnyOf, Sort};
use crate::api::words;
use fettle_fleet::AssetSort;
use fettle_model::asset::ScanStatus;
use fettle_model::ids::{PatchId, TagId};
use fettle_model::os::Platform;

/// How assets are sorted when the request does not say.
pub(crate) const DEFAULT_SORT: Sort<AssetSort> = Sort { by: AssetSort::Name, descending: false };

list_query! {
    /// Filters of asset lists; all that are given must hold.
    pub struct AssetQuery and AssetFilterQuery sorted by AssetSort, as "Column to sort by, with `-` before it for largest first; `name` when left out: `name`, `os`, `architecture`, `release`, `scan_status`, `last_scan`, `last_check_in`, `agent_version`, `logged_on_user`, `missing`, `latest_missing`, `latest_missing_security`, `installed`, `pending_reboot`." {
        /// Ids of tags, comma-separated: assets that carry one of them, or one below.
        #[param(value_type = Option<String>)]
        tag: AnyOf<TagId>,
        /// Operating systems as the facet names them, comma-separated.
        #[param(value_type = Option<String>)]
        os: AnyOf<String>,
        /// Linux or Windows.
        #[param(value_type = Option<words::Platform>)]
        platform: Option<Platform>,
        /// Scan statuses, comma-separated.
        #[param(value_type = Option<String>)]
        scan_status: AnyOf<ScanStatus>,
        /// Whether the agent was heard from lately.
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
