//! `GET /api/v1/assets/facets`

use super::convert::Rows;
use super::row::{TagFacetValue, facet_values};
use crate::api::assets::query::AssetFilterQuery;
use crate::api::assets::row::AssetFacets;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};

/// Counts of assets by operating system, tag and scan status.
#[utoipa::path(
    get,
    path = "/assets/facets",
    tag = "assets",
    operation_id = "show_asset_facets",
    params(AssetFilterQuery),
    responses((status = 200, description = "The counts.", body = AssetFacets)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_asset_facets(
    granted: Granted<permission::ViewFleet>,
    Query(query): Query<AssetFilterQuery>,
) -> Result<Json<AssetFacets>, Problem> {
    let rows = Rows::new(granted.app()).await?;
    let facets = granted.view().asset_facets(&rows.filter(query.into()));
    let tags = facets.tags.into_iter().filter_map(|(id, count)| {
        let tag = rows.tag(id)?;
        Some(TagFacetValue { id, name: tag.name, count })
    });
    let mut tags: Vec<TagFacetValue> = tags.collect();
    tags.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(AssetFacets {
        // Every asset has exactly one scan status.
        total: facets.scan_status.values().sum(),
        os: facet_values(facets.os),
        tags,
        release: facet_values(facets.release),
        scan_status: facet_values(facets.scan_status),
    }))
}
