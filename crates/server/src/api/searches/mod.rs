//! Searches that a person keeps, and those they made last: one file per operation.

mod change;
mod create;
mod delete;
mod forget_recent;
mod list;
mod list_recent;
mod note_recent;
pub mod search;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list_recent::list_recent_searches))
        .routes(routes!(note_recent::note_recent_search))
        .routes(routes!(forget_recent::forget_recent_searches))
        .routes(routes!(list::list_searches))
        .routes(routes!(create::create_search))
        .routes(routes!(change::change_search))
        .routes(routes!(delete::delete_search))
}
