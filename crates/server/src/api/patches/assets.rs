//! `GET /api/v1/patches/{id}/assets`

use crate::api::list_query::list_query;
use crate::api::assets::query::AssetColumn;
use crate::api::words;
use fettle_model::finding::FindingStatus;
use axum::response::Response;
use crate::api::assets::row::AssetRow;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::PatchId;

list_query! {
    /// Filters of a patch's assets.
    pub struct PatchAssetQuery sorted by AssetColumn, as "Column to sort by, with `-` before it for largest first: `name`, `last_scan`, `last_check_in`, `os`, `missing`, `latest_missing`, `latest_missing_security`, `installed`, `scan_status`." {
        /// Assets that miss it, or have it; left out: that miss it.
        #[param(value_type = Option<words::FindingStatus>)]
        status: Option<FindingStatus>,
    }
}

/// Assets in scope that miss a patch or have it.
#[utoipa::path(
    get,
    path = "/patches/{id}/assets",
    tag = "patches",
    operation_id = "list_patch_assets",
    params(("id" = String, Path, description = "Id of the patch, percent-encoded."), PatchAssetQuery),
    responses((status = 200, description = "One page.", body = Page<AssetRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_patch_assets(granted: Granted<permission::ViewFleet>, Path(id): Path<PatchId>, Query(query): Query<PatchAssetQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
