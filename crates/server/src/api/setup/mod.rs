//! Setup: one file per operation.

mod create;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(show::show_setup)).routes(routes!(create::create_first_administrator))
}
