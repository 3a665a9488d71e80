//! Keys: one file per operation.

pub mod key;
mod change;
mod create;
mod delete;
mod list;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_activation_keys))
        .routes(routes!(create::create_activation_key))
        .routes(routes!(change::change_activation_key))
        .routes(routes!(delete::delete_activation_key))
}
