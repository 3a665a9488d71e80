//! Users: one file per operation.

mod change;
pub(crate) mod convert;
mod create;
mod delete;
mod list;
mod show;
pub mod user;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_users))
        .routes(routes!(create::create_user))
        .routes(routes!(show::show_user))
        .routes(routes!(change::change_user))
        .routes(routes!(delete::delete_user))
}
