//! `GET /api/v1/patches/{id}/assets`

use crate::api::assets::convert::Rows;
use crate::api::assets::query::DEFAULT_SORT;
use crate::api::assets::row::AssetRow;
use crate::api::cursor;
use crate::api::extract::{Json, Path, Query};
use crate::api::list_query::list_query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_fleet::{AssetFilter, AssetSort};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchId;

list_query! {
    /// Filters of a patch's assets.
    pub(super) struct PatchAssetQuery sorted by AssetSort, as "Column to sort by, with `-` before it for largest first; `name` when left out: the columns of the list of assets." {
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
pub(super) async fn list_patch_assets(
    granted: Granted<permission::ViewFleet>,
    Path(id): Path<PatchId>,
    Query(query): Query<PatchAssetQuery>,
) -> Result<Json<Page<AssetRow>>, Problem> {
    let view = granted.view();
    if view.patch(&id).is_none() {
        return Err(Problem::not_found("patch"));
    }
    let (missing_patch, installed_patch) = match query.status.unwrap_or(FindingStatus::Missing) {
        FindingStatus::Missing => (Some(id), None),
        FindingStatus::Installed => (None, Some(id)),
    };
    let rows = Rows::new(granted.app()).await?;
    let sort = query.sort.unwrap_or(DEFAULT_SORT);
    let after = cursor::read_fleet(query.cursor.as_deref(), sort)?;
    let filter = AssetFilter { text: query.q.get().map(str::to_owned), missing_patch, installed_patch, ..AssetFilter::default() };
    let page = view.assets(&filter, sort.sorted(), after.as_ref(), query.limit.get());
    Ok(Json(cursor::fleet_page(page, sort, |row| rows.row(&row))))
}
