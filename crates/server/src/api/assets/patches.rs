//! `GET /api/v1/assets/{id}/patches`

use super::query::wrong_entity;
use crate::api::assets::row::{AssetPatchRow, OutdatedPackage};
use crate::api::cursor;
use crate::api::extract::{Json, Path, Query};
use crate::api::list_query::asked_list;
use crate::api::page::Listed;
use crate::api::patches::convert;
use crate::api::patches::query::DEFAULT_SORT;
use crate::api::problem::Problem;
use crate::api::query::asked::{checked, internal};
use crate::api::query::facet::named_term;
use crate::api::query::order::Order;
use crate::api::words;
use crate::auth::{Granted, Seen, permission};
use crate::locations::Locations;
use fettle_fleet::{Applicable, Catalog, PatchRow};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::AssetId;
use fettle_model::inventory::{Inventory, Package};
use fettle_model::rule::BinaryVersion;
use fettle_model::version::Scheme;
use fettle_query::Entity;
use fettle_query::syntax::Quoting;
use std::cmp::Ordering;

asked_list! {
    /// Which of an asset's patches.
    pub(super) struct AssetPatchQuery,
        sorted as "Field of patches to sort by, with `-` before it for largest first; `-publishedDate` when left out.",
        of "Query over patches; empty for all, superseded ones included. Its counts of assets are about this asset alone." {
        /// Missing or installed; left out: missing.
        #[param(value_type = Option<words::FindingStatus>)]
        status: Option<FindingStatus>,
    }
}

/// Patches an asset misses or has.
#[utoipa::path(
    get,
    path = "/assets/{id}/patches",
    tag = "assets",
    operation_id = "list_asset_patches",
    params(("id" = Uuid, Path, description = "Id of the asset."), AssetPatchQuery),
    responses((status = 200, description = "One page.", body = Listed<AssetPatchRow>)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_asset_patches(
    granted: Granted<permission::ViewFleet>,
    Path(id): Path<AssetId>,
    Query(query): Query<AssetPatchQuery>,
) -> Result<Json<Listed<AssetPatchRow>>, Problem> {
    granted.asset(id)?;
    let Seen { view, at, version } = granted.seen(query.version)?;
    let order = Order::asked(query.sort.as_ref(), DEFAULT_SORT)?;
    let after = cursor::read_fleet(query.cursor.as_deref(), order.named)?;
    let status = query.status.unwrap_or(FindingStatus::Missing);
    let asked = checked(at, Entity::Patch, "query", query.query.raw())?;
    let has_status = internal(at, Entity::Patch, &named_term("patchStatus", status.as_str(), Quoting::Bare))?;
    let over = view.only(id);
    let asked = asked.and(has_status).ok_or_else(Problem::opaque)?;
    let patches = view.select_patches(&asked, &over, Applicable::All).map_err(wrong_entity)?;
    let page = patches.page(order.sorted, after.as_ref(), query.limit.get()).map_err(order.refused())?;
    let inventory = granted.app().store.inventory(id).await?.filter(|_| status == FindingStatus::Missing);
    let locations = Locations::now(granted.app()).await?;
    let row = |row: PatchRow| AssetPatchRow {
        packages: inventory.as_ref().map(|inventory| outdated(view.catalog(), &row, inventory)).unwrap_or_default(),
        // The list is about one asset; its numbers are about all that the caller sees.
        patch: convert::row(&view.patch(&row.entry.patch.id).unwrap_or(row), &locations),
        status,
    };
    Ok(Json(Listed {
        items: page.items.into_iter().map(row).collect(),
        total: page.total,
        unknown: 0,
        version,
        next: cursor::write_fleet(page.next, order.named),
    }))
}

fn outdated(catalog: &Catalog, row: &PatchRow, inventory: &Inventory) -> Vec<OutdatedPackage> {
    let wanted = catalog.missing_packages(row.entry.no, inventory);
    let scheme = row.entry.patch.rule.packages().map(|rule| rule.scheme);
    wanted
        .into_iter()
        .filter_map(|wanted| Some((present(inventory, &wanted, scheme?)?, wanted)))
        .map(|(present, wanted)| OutdatedPackage {
            name: wanted.name,
            architecture: present.architecture.clone(),
            installed: present.version.clone(),
            version: wanted.version,
            held: present.held,
        })
        .collect()
}

/// The package that a wanted one replaces: the newest of its name, of its architecture if there is one.
fn present<'a>(inventory: &'a Inventory, wanted: &BinaryVersion, scheme: Scheme) -> Option<&'a Package> {
    let of_name = || inventory.packages.iter().filter(|package| package.name == wanted.name && package.state.counts_as_present());
    let newest = |a: &&Package, b: &&Package| scheme.compare(&a.version, &b.version).unwrap_or(Ordering::Equal);
    let of_architecture = of_name().filter(|package| package.architecture == wanted.architecture);
    of_architecture.max_by(newest).or_else(|| of_name().max_by(newest))
}
