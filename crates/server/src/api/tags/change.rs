//! `PATCH /api/v1/tags/{id}`

use axum::response::Response;
use crate::api::extract::Json;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::api::tags::tag::ChangeTag;
use crate::api::tags::tag::TagBody;
use crate::auth::{Granted, permission};
use fettle_model::ids::TagId;
use uuid::Uuid;

/// Renames or moves a tag.
#[utoipa::path(
    patch,
    path = "/tags/{id}",
    tag = "tags",
    operation_id = "change_tag",
    params(("id" = Uuid, Path, description = "Id of the tag.")),
    request_body = ChangeTag,
    responses((status = 200, description = "The tag, as it is now.", body = TagBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn change_tag(granted: Granted<permission::ManageConfiguration>, Path(id): Path<TagId>, Json(body): Json<ChangeTag>) -> Result<Response, Problem> {
    Err(Problem::opaque())
}
