//! `GET /api/v1/catalog/sources`

use super::body::CatalogSourceBody;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_store::CatalogSource;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum SourceColumn {
        /// Name.
        Name = "name",
        /// When a bundle of it was imported last.
        ImportedAt = "imported_at",
        /// When it was trusted.
        CreatedAt = "created_at",
    }
}

list_query! {
    /// Paging of sources.
    pub(super) struct SourceQuery sorted by SourceColumn, as "Column to sort by, with `-` before it for largest first: `name`, `imported_at`, `created_at`." {
    }
}

/// Servers whose bundles are believed. Text is looked for in names and keys.
#[utoipa::path(
    get,
    path = "/catalog/sources",
    tag = "catalog",
    operation_id = "list_catalog_sources",
    params(SourceQuery),
    responses((status = 200, description = "One page.", body = Page<CatalogSourceBody>)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn list_catalog_sources(
    granted: Granted<permission::ManageConfiguration>,
    Query(query): Query<SourceQuery>,
) -> Result<Json<Page<CatalogSourceBody>>, Problem> {
    let text = query.q.get().map(str::to_lowercase);
    let mut rows = granted.app().store.catalog_sources().await?;
    rows.retain(|source| text.as_ref().is_none_or(|text| [&source.name, &source.key].iter().any(|of| of.to_lowercase().contains(text))));
    let sort = query.sort.unwrap_or(Sort { by: SourceColumn::Name, descending: false });
    let place = |source: &CatalogSource| {
        let key = match sort.by {
            SourceColumn::Name => Key::text(&source.name),
            SourceColumn::ImportedAt => Key::time(source.imported.as_ref().map(|imported| imported.at)),
            SourceColumn::CreatedAt => Key::time(Some(source.created_at)),
        };
        (key, source.id.to_string())
    };
    Ok(Json(cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, place)?.map(CatalogSourceBody::from)))
}
