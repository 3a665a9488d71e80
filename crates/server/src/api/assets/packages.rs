//! `GET /api/v1/assets/{id}/packages`

use crate::api::list_query::list_query;
use axum::response::Response;
use crate::api::assets::row::PackageRow;
use crate::api::extract::Path;
use crate::api::extract::Query;
use crate::api::page::Page;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;
use uuid::Uuid;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum PackageColumn {
        /// Name.
        Name = "name",
        /// Version, as text.
        Version = "version",
        /// Source package.
        Source = "source",
    }
}

list_query! {
    /// Filters of an asset's packages.
    pub struct PackageQuery sorted by PackageColumn, as "Column to sort by, with `-` before it for largest first: `name`, `version`, `source`." {
        /// Whether it is marked to be kept at its version.
        held: Option<bool>,
    }
}

/// Packages of an asset.
#[utoipa::path(
    get,
    path = "/assets/{id}/packages",
    tag = "assets",
    operation_id = "list_asset_packages",
    params(("id" = Uuid, Path, description = "Id of the asset."), PackageQuery),
    responses((status = 200, description = "One page.", body = Page<PackageRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_asset_packages(granted: Granted<permission::ViewFleet>, Path(id): Path<AssetId>, Query(query): Query<PackageQuery>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
