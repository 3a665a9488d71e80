//! Download locations: one file per operation.

mod export;
mod hosts;
mod list;
pub mod location;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list::list_download_locations)).routes(routes!(export::export_download_locations))
}
