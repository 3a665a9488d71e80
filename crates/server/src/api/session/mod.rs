//! Session: one file per operation.

pub mod account;
pub(crate) mod accounts;
mod log_in;
mod log_out;
mod password;
mod show;

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(log_in::log_in))
        .routes(routes!(show::show_session))
        .routes(routes!(log_out::log_out))
        .routes(routes!(password::change_password))
}
