//! `POST /api/v1/tags`

use super::tag;
use super::visible::{self, Visible};
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::api::tags::tag::{CreateTag, TagBody};
use crate::auth::{Changed, Granted, permission};
use crate::index::refresh_tags;
use axum::response::Response;
use fettle_model::access::Scope;
use fettle_model::ids::TagId;
use fettle_model::tag::Tag;

/// Makes a tag.
#[utoipa::path(
    post,
    path = "/tags",
    tag = "tags",
    operation_id = "create_tag",
    params(IdempotencyHeader),
    request_body = CreateTag,
    responses((status = 201, description = "Made.", body = TagBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_tag(
    granted: Granted<permission::ManageConfiguration>,
    key: IdempotencyKey,
    Json(body): Json<CreateTag>,
) -> Result<Response, Problem> {
    let name = tag::name(&body.name)?;
    let visible = Visible::of(&granted).await?;
    match body.parent {
        Some(parent) if !visible.has(parent) || !visible::may_shape(granted.actor(), parent) => {
            return Err(Problem::invalid_field("parent", format!("there is no tag {parent}")));
        }
        // A tag at the top would be outside the scope of its own maker.
        None if *granted.actor().scope() != Scope::Everything => {
            return Err(Problem::invalid_field("parent", "choose a tag of your own scope to put it under"));
        }
        _ => {}
    }
    let query = body.query.as_deref().map(|query| tag::query(&granted, query)).transpose()?;
    once(&granted, key, &body, async {
        let app = granted.app();
        let tag = Tag { id: TagId::make(granted.now(), app.entropy.ten()), name, parent: body.parent, query };
        app.store.create_tag(&tag, &granted.audit("tag.create", format!("tag {}", tag.id)).after(&tag)).await?;
        refresh_tags(app).await?;
        let assets = Visible::of(&granted).await?.carriers(tag.id);
        Ok(Created { location: format!("/tags/{}", tag.id), body: TagBody::new(tag, assets, app) })
    })
    .await
}
