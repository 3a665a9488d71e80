//! Custom patches: one file per operation.

mod change;
mod convert;
mod create;
pub mod custom_patch;
mod delete;
mod find_content;
mod list;
mod refused;
mod show;
mod upload;

/// Ends the path of the one operation whose request is a file.
pub(super) const UPLOAD: &str = "/custom-patches/content/{sha256}";

use crate::auth::Gate;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on this resource.
pub(super) fn router() -> OpenApiRouter<Gate> {
    OpenApiRouter::new()
        .routes(routes!(list::list_custom_patches))
        .routes(routes!(create::create_custom_patch))
        .routes(routes!(upload::upload_custom_content))
        .routes(routes!(find_content::show_custom_content))
        .routes(routes!(show::show_custom_patch))
        .routes(routes!(change::change_custom_patch))
        .routes(routes!(delete::delete_custom_patch))
}
