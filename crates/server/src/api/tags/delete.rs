//! `DELETE /api/v1/tags/{id}`

use super::visible::{self, Visible};
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::index;
use axum::http::StatusCode;
use fettle_model::ids::TagId;

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
pub(super) async fn delete_tag(granted: Granted<permission::ManageConfiguration>, Path(id): Path<TagId>) -> Result<StatusCode, Problem> {
    let visible = Visible::of(&granted).await?;
    let before = visible.get(id).ok_or_else(|| Problem::not_found("tag"))?;
    visible::shape(granted.actor(), id)?;
    let app = granted.app();
    let carriers = app.store.delete_tag(id, &granted.audit("tag.delete", format!("tag {id}")).before(before)).await?;
    index::refresh_all(app, &carriers).await?;
    index::refresh_tags(app).await?;
    Ok(StatusCode::NO_CONTENT)
}
