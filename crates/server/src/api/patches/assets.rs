//! `GET /api/v1/patches/{id}/assets`

use crate::api::assets::convert::Rows;
use crate::api::assets::query::{DEFAULT_SORT, Told, beside, relation};
use crate::api::assets::row::AssetRow;
use crate::api::cursor;
use crate::api::extract::{Json, Path, Query};
use crate::api::list_query::asked_list;
use crate::api::page::Listed;
use crate::api::problem::Problem;
use crate::api::query::asked::{checked, internal};
use crate::api::query::facet::named_term;
use crate::api::query::order::Order;
use crate::api::words;
use crate::auth::{Granted, Seen, permission};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::PatchId;
use fettle_query::Entity;
use fettle_query::syntax::Quoting;

asked_list! {
    /// Which of a patch's assets.
    pub(super) struct PatchAssetQuery,
        sorted as "Field of assets to sort by, with `-` before it for largest first; `name` when left out.",
        of "Query over assets; empty for all." {
        /// Assets that miss it, or have it; left out: that miss it.
        #[param(value_type = Option<words::FindingStatus>)]
        status: Option<FindingStatus>,
        /// Assets of which the query is certain to hold, or those of which nobody can tell, since their last good scan is missing
        /// or old: as many as `unknown` of the certain ones says. Left out: certain.
        #[param(value_type = Option<words::Truth>, inline)]
        truth: Option<Told>,
    }
}

/// Assets in scope that miss a patch or have it.
#[utoipa::path(
    get,
    path = "/patches/{id}/assets",
    tag = "patches",
    operation_id = "list_patch_assets",
    params(("id" = String, Path, description = "Id of the patch, percent-encoded."), PatchAssetQuery),
    responses((status = 200, description = "One page.", body = Listed<AssetRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_patch_assets(
    granted: Granted<permission::ViewFleet>,
    Path(id): Path<PatchId>,
    Query(query): Query<PatchAssetQuery>,
) -> Result<Json<Listed<AssetRow>>, Problem> {
    let Seen { view, at, version } = granted.seen(query.version)?;
    if view.catalog().by_id(&id).is_none() {
        return Err(Problem::not_found("patch"));
    }
    let order = Order::asked(query.sort.as_ref(), DEFAULT_SORT)?;
    let after = cursor::read_fleet(query.cursor.as_deref(), order.named)?;
    let asked = checked(at, Entity::Asset, "query", query.query.raw())?;
    let this_one = internal(at, Entity::Patch, &named_term("id", id.as_str(), Quoting::Exact))?;
    let asked = beside(asked, this_one, relation(query.status.unwrap_or(FindingStatus::Missing)))?;
    let rows = Rows::new(granted.app(), at).await?;
    let assets = query.truth.unwrap_or(Told::Certain).select(&view, &asked)?;
    let page = assets.page(order.sorted, after.as_ref(), query.limit.get()).map_err(order.refused())?;
    Ok(Json(Listed {
        items: page.items.iter().map(|row| rows.row(row)).collect(),
        total: page.total,
        unknown: assets.unknown(),
        version,
        next: cursor::write_fleet(page.next, order.named),
    }))
}
