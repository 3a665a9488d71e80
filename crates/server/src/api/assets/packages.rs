//! `GET /api/v1/assets/{id}/packages`

use super::convert;
use crate::api::assets::row::PackageRow;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Path, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::AssetId;

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
    pub(super) struct PackageQuery sorted by PackageColumn, as "Column to sort by, with `-` before it for largest first: `name`, `version`, `source`." {
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
pub(super) async fn list_asset_packages(
    granted: Granted<permission::ViewFleet>,
    Path(id): Path<AssetId>,
    Query(query): Query<PackageQuery>,
) -> Result<Json<Page<PackageRow>>, Problem> {
    granted.asset(id)?;
    let inventory = granted.app().store.inventory(id).await?;
    let packages = inventory.map(|inventory| inventory.packages).unwrap_or_default();
    let text = query.q.get().map(str::to_lowercase);
    let chosen = packages.into_iter().filter(|package| {
        query.held.is_none_or(|held| package.held == held)
            && text.as_ref().is_none_or(|text| package.name.contains(text) || package.source.contains(text))
    });
    let rows = chosen.map(convert::package).collect();
    let sort = query.sort.unwrap_or(Sort { by: PackageColumn::Name, descending: false });
    let page = cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, |row: &PackageRow| {
        let key = match sort.by {
            PackageColumn::Name => &row.name,
            PackageColumn::Version => &row.version,
            PackageColumn::Source => &row.source,
        };
        (Key::text(key), format!("{} {}", row.name, row.architecture))
    });
    page.map(Json)
}
