//! Help with the query language: one file per operation, and what all lists that queries make share.

pub(crate) mod asked;
mod explain;
pub mod facet;
pub(crate) mod fields;
pub mod order;
mod stored_values;
pub(crate) mod suggest;
mod values;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(suggest::suggest_query))
        .routes(routes!(explain::explain_query))
        .routes(routes!(fields::list_query_fields))
}
