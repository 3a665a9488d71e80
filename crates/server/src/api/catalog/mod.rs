//! Bundles of catalogs, and whom they are taken from: one file per operation.

pub mod body;
mod export;
mod import;
mod key;
mod list_sources;
mod refused;
mod trust;
mod untrust;

/// End of the paths of the two operations that carry a whole catalog.
pub(super) const BUNDLES: [&str; 2] = ["/catalog/export", "/catalog/import"];

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(key::show_catalog_key))
        .routes(routes!(export::export_catalog))
        .routes(routes!(import::import_catalog))
        .routes(routes!(list_sources::list_catalog_sources))
        .routes(routes!(trust::trust_catalog_source))
        .routes(routes!(untrust::untrust_catalog_source))
}
