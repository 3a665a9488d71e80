//! Tags: one file per operation.

mod change;
mod create;
mod delete;
mod list;
pub mod tag;
pub(crate) mod visible;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tags))
        .routes(routes!(create::create_tag))
        .routes(routes!(change::change_tag))
        .routes(routes!(delete::delete_tag))
}
