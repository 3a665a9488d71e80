//! `PATCH /api/v1/tags/{id}`

use super::tag;
use super::visible::{self, Visible};
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::tags::tag::{ChangeTag, TagBody};
use crate::auth::{Changed, Granted, permission};
use crate::index::refresh_tags;
use fettle_model::access::Scope;
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;

/// Renames or moves a tag, or changes what decides who carries it.
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
pub(super) async fn change_tag(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<TagId>,
    Json(body): Json<ChangeTag>,
) -> Result<Json<TagBody>, Problem> {
    let visible = Visible::of(&granted).await?;
    let before = visible.get(id).ok_or_else(|| Problem::not_found("tag"))?;
    visible::shape(granted.actor(), id)?;
    let app = granted.app();
    // The parent is kept as it is stored, not as the caller sees it: a parent out of scope stays.
    let stored = app.store.tags().await?.into_iter().find(|tag| tag.id == id).ok_or_else(|| Problem::not_found("tag"))?;
    let parent = match body.parent {
        Some(Some(parent)) if !visible.has(parent) || !visible::may_shape(granted.actor(), parent) => {
            return Err(Problem::invalid_field("parent", format!("there is no tag {parent}")));
        }
        Some(None) if *granted.actor().scope() != Scope::Everything => {
            return Err(Problem::invalid_field("parent", "choose a tag of your own scope to put it under"));
        }
        Some(parent) => parent,
        None => stored.parent,
    };
    let name = body.name.as_deref().map(tag::name).transpose()?.unwrap_or_else(|| before.name.clone());
    let query = match &body.query {
        Some(Some(query)) => Some(tag::query(&granted, query)?),
        Some(None) => None,
        None => stored.query.clone(),
    };
    let tag = Tag { id, name, parent, query };
    app.store.update_tag(&tag, &granted.audit("tag.change", format!("tag {id}")).before(&stored).after(&tag)).await?;
    refresh_tags(app).await?;
    let visible = Visible::of(&granted).await?;
    let now = visible.get(id).cloned().unwrap_or(tag);
    Ok(Json(TagBody::new(now, visible.carriers(id), app)))
}
