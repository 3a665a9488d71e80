//! Vulnerabilities: one file per operation.

pub mod row;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(show::show_vulnerability))
}
