//! Patches: one file per operation.

mod assets;
pub mod chain;
pub(crate) mod convert;
mod export;
mod facets;
mod list;
pub mod query;
pub mod row;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_patches))
        .routes(routes!(export::export_patches))
        .routes(routes!(facets::show_patch_facets))
        .routes(routes!(show::show_patch))
        .routes(routes!(chain::show_patch_chain))
        .routes(routes!(assets::list_patch_assets))
}
