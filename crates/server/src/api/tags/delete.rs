//! `DELETE /api/v1/tags/{id}`

use axum::response::Response;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::TagId;
use uuid::Uuid;

/// Deletes a tag and takes it from its assets.
#[utoipa::path(
    delete,
    path = "/tags/{id}",
    tag = "tags",
    operation_id = "delete_tag",
    params(("id" = Uuid, Path, description = "Id of the tag.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn delete_tag(granted: Granted<permission::ManageConfiguration>, Path(id): Path<TagId>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
