//! Keys: one file per operation.

mod change;
mod convert;
mod create;
mod delete;
pub mod key;
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
