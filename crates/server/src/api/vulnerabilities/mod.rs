//! Vulnerabilities: one file per operation.

mod export;
mod list;
mod missing;
pub mod row;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_vulnerabilities))
        .routes(routes!(export::export_vulnerabilities))
        .routes(routes!(show::show_vulnerability))
}
