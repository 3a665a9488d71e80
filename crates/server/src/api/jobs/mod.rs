//! Jobs: one file per operation.

mod change;
pub(crate) mod check;
pub(crate) mod convert;
mod copy;
mod create;
mod delete;
mod disable;
mod enable;
pub mod job;
mod list;
mod list_asked;
mod preview;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_jobs))
        .routes(routes!(create::create_job))
        .routes(routes!(show::show_job))
        .routes(routes!(change::change_job))
        .routes(routes!(delete::delete_job))
        .routes(routes!(enable::enable_job))
        .routes(routes!(disable::disable_job))
        .routes(routes!(copy::clone_job))
        .routes(routes!(preview::preview_job))
}
