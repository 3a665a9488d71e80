//! Assets: one file per operation.

pub(crate) mod convert;
mod export;
mod facets;
mod groups;
mod jobs;
mod list;
mod packages;
mod patches;
pub mod query;
mod remove;
pub mod row;
mod scan;
mod show;
mod tag;
mod top_patches;
pub(crate) mod why;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_assets))
        .routes(routes!(export::export_assets))
        .routes(routes!(facets::show_asset_facets))
        .routes(routes!(top_patches::list_top_patches))
        .routes(routes!(groups::list_asset_groups))
        .routes(routes!(show::show_asset))
        .routes(routes!(packages::list_asset_packages))
        .routes(routes!(patches::list_asset_patches))
        .routes(routes!(why::explain_asset_patch))
        .routes(routes!(jobs::list_asset_jobs))
        .routes(routes!(scan::scan_asset))
        .routes(routes!(tag::tag_asset))
        .routes(routes!(remove::remove_asset))
}
