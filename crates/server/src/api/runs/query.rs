//! What lists of a run's assets can be asked for.

use crate::api::list_query::list_query;
use crate::api::page::AnyOf;
use crate::api::words;
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus};

fettle_model::text_enum! {
    /// What assets of a run can be sorted by.
    pub enum RunAssetColumn {
        /// Name of the asset.
        Name = "name",
    }
}

list_query! {
    /// Filters of a run's assets; all that are given must hold.
    pub struct RunAssetQuery and RunAssetFilterQuery sorted by RunAssetColumn, as "Column to sort by, with `-` before it for largest first; `name` when left out: `name`." {
        /// Statuses, comma-separated.
        #[param(value_type = Option<String>)]
        status: AnyOf<AssetRunStatus>,
        /// Assets with at least one patch of this status.
        #[param(value_type = Option<words::PatchRunStatus>)]
        patch_status: Option<PatchRunStatus>,
        /// Assets that were left out, or that take part.
        left_out: Option<bool>,
    }
}
