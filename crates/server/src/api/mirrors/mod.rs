//! Mirrors: one file per operation.

mod change;
mod create;
mod delete;
mod list;
pub mod mirror;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_mirrors))
        .routes(routes!(create::create_mirror))
        .routes(routes!(show::show_mirror))
        .routes(routes!(change::change_mirror))
        .routes(routes!(delete::delete_mirror))
}
