//! Results: what became of each patch on each asset in each run. One file per operation.

mod export;
mod judge;
mod list;
mod query;
pub mod row;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list::list_results)).routes(routes!(export::export_results))
}
