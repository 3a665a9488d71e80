//! Feeds: one file per operation.

mod change;
mod convert;
mod create;
mod delete;
pub mod feed;
mod from_machine;
mod list;
mod show;
mod sync;
pub mod syncs;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_feeds))
        .routes(routes!(create::create_feed))
        .routes(routes!(from_machine::create_feeds_from_machine))
        .routes(routes!(show::show_feed))
        .routes(routes!(change::change_feed))
        .routes(routes!(delete::delete_feed))
        .routes(routes!(sync::sync_feed))
        .routes(routes!(syncs::list_feed_syncs))
        .routes(routes!(syncs::show_feed_sync))
}
