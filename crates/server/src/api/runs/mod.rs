//! Runs: one file per operation.

mod asset;
mod assets;
mod cancel;
pub(crate) mod convert;
mod events;
mod export;
mod list;
pub mod query;
pub mod run;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_runs))
        .routes(routes!(show::show_run))
        .routes(routes!(assets::list_run_assets))
        .routes(routes!(export::export_run_assets))
        .routes(routes!(asset::show_run_asset))
        .routes(routes!(events::watch_run))
        .routes(routes!(cancel::cancel_run))
}
