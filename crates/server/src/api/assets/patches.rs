//! `GET /api/v1/assets/{id}/patches`

use crate::api::assets::row::{AssetPatchRow, OutdatedPackage};
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Path, Query};
use crate::api::list_query::list_query;
use crate::api::page::{AnyOf, Page, Sort};
use crate::api::patches::convert;
use crate::api::problem::Problem;
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_fleet::{Catalog, PatchRow};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::AssetId;
use fettle_model::inventory::Inventory;
use fettle_model::patch::Category;

fettle_model::text_enum! {
    /// What patches of an asset can be sorted by.
    pub enum AssetPatchColumn {
        /// When the vendor published it.
        PublishedAt = "published_at",
        /// Title.
        Title = "title",
        /// Family of products.
        Product = "product",
        /// The vendor's rating.
        Severity = "severity",
        /// Security or not.
        Category = "category",
    }
}

list_query! {
    /// Filters of an asset's patches.
    pub(super) struct AssetPatchQuery sorted by AssetPatchColumn, as "Column to sort by, with `-` before it for largest first; `-published_at` when left out: `published_at`, `title`, `product`, `severity`, `category`." {
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
pub(super) async fn list_asset_patches(
    granted: Granted<permission::ViewFleet>,
    Path(id): Path<AssetId>,
    Query(query): Query<AssetPatchQuery>,
) -> Result<Json<Page<AssetPatchRow>>, Problem> {
    granted.asset(id)?;
    let view = granted.view();
    let findings = view.findings(id).unwrap_or_default();
    let status = query.status.unwrap_or(FindingStatus::Missing);
    let numbers = match status {
        FindingStatus::Missing => findings.missing,
        FindingStatus::Installed => findings.installed,
    };
    let text = query.q.get().map(str::to_lowercase);
    let chosen = numbers.into_iter().filter_map(|no| view.catalog().get(no)).filter(|entry| {
        let patch = &entry.patch;
        !(query.latest.unwrap_or(true) && entry.superseded)
            && (query.category.0.is_empty() || query.category.0.contains(&patch.category))
            && text.as_ref().is_none_or(|text| convert::mentions(patch, text))
    });
    let rows = chosen.filter_map(|entry| view.patch(&entry.patch.id)).collect();
    let sort = query.sort.unwrap_or(Sort { by: AssetPatchColumn::PublishedAt, descending: true });
    let page = cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, |row| place(row, sort.by))?;
    let inventory = granted.app().store.inventory(id).await?.filter(|_| status == FindingStatus::Missing);
    Ok(Json(page.map(|row| AssetPatchRow {
        packages: inventory.as_ref().map(|inventory| outdated(view.catalog(), &row, inventory)).unwrap_or_default(),
        patch: convert::row(&row),
        status,
    })))
}

fn outdated(catalog: &Catalog, row: &PatchRow, inventory: &Inventory) -> Vec<OutdatedPackage> {
    let wanted = catalog.missing_packages(row.entry.no, inventory);
    let present = |name: &str| inventory.packages.iter().find(|package| package.name == name && package.state.counts_as_present());
    let with_present = wanted.into_iter().filter_map(|wanted| Some((present(&wanted.name)?, wanted)));
    with_present
        .map(|(present, wanted)| OutdatedPackage {
            name: wanted.name,
            architecture: present.architecture.clone(),
            installed: present.version.clone(),
            version: wanted.version,
            held: present.held,
        })
        .collect()
}

fn place(row: &PatchRow, by: AssetPatchColumn) -> (Key, String) {
    let patch = &row.entry.patch;
    let key = match by {
        AssetPatchColumn::PublishedAt => Key::time(patch.published_at),
        AssetPatchColumn::Title => Key::text(&patch.title),
        AssetPatchColumn::Product => Key::text(&patch.app_family),
        // Declared from lowest to highest.
        AssetPatchColumn::Severity => Key::Number(patch.vendor_severity as i64),
        AssetPatchColumn::Category => Key::text(patch.category.as_str()),
    };
    (key, patch.id.0.clone())
}
