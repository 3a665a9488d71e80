//! The audit log: one file per operation.

mod export;
mod list;
mod query;
pub mod row;
mod verify;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list::list_audit)).routes(routes!(export::export_audit)).routes(routes!(verify::verify_audit))
}
