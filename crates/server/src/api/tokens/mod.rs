//! Tokens: one file per operation.

mod create;
mod delete;
mod list;
pub mod token;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new().routes(routes!(list::list_tokens)).routes(routes!(create::create_token)).routes(routes!(delete::delete_token))
}
