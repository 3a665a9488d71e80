//! `GET /api/v1/assets/{id}/patches`

use crate::api::list_query::list_query;
use crate::api::page::AnyOf;
use crate::api::patches::query::PatchColumn;
use crate::api::words;
use fettle_model::finding::FindingStatus;
use fettle_model::patch::Category;
use axum::response::Response;
use crate::api::assets::row::AssetPatchRow;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;
use uuid::Uuid;

list_query! {
    /// Filters of an asset's patches.
    pub struct AssetPatchQuery sorted by PatchColumn, as "Column to sort by, with `-` before it for largest first: `published_at`, `title`, `product`, `severity`, `category`, `missing`, `installed`." {
        /// Missing or installed; left out: missing.
        #[param(value_type = Option<words::FindingStatus>)]
        status: Option<FindingStatus>,
        /// Leaves out superseded patches. Left out: `true`.
        latest: Option<bool>,
        /// Categories, comma-separated.
        #[param(value_type = Option<String>)]
        category: AnyOf<Category>,
    }
}

/// Patches an asset misses or has.
#[utoipa::path(
    get,
    path = "/assets/{id}/patches",
    tag = "assets",
    operation_id = "list_asset_patches",
    params(("id" = Uuid, Path, description = "Id of the asset."), AssetPatchQuery),
    responses((status = 200, description = "One page.", body = Page<AssetPatchRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_asset_patches(granted: Granted<permission::ViewFleet>, Path(id): Path<AssetId>, Query(query): Query<AssetPatchQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
