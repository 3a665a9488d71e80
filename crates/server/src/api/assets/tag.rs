//! `PUT /api/v1/assets/{id}/tags`

use super::convert::Rows;
use crate::api::assets::row::{AssetRow, AssetTags};
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::tags::visible::Visible;
use crate::auth::{Changed, Granted, permission};
use crate::index;
use fettle_model::ids::{AssetId, TagId};
use std::collections::BTreeSet;

/// Most tags of an asset: more than anybody reads.
const MAX_TAGS: usize = 100;

/// Replaces the tags of an asset that are assigned by hand. Tags that queries decide stay as they are.
#[utoipa::path(
    put,
    path = "/assets/{id}/tags",
    tag = "assets",
    operation_id = "tag_asset",
    params(("id" = Uuid, Path, description = "Id of the asset.")),
    request_body = AssetTags,
    responses((status = 200, description = "The asset, as it is now.", body = AssetRow)),
    extensions(("x-permission" = json!("asset.operate"))),
)]
pub(super) async fn tag_asset(
    granted: Granted<permission::OperateAsset>,
    Path(id): Path<AssetId>,
    Json(body): Json<AssetTags>,
) -> Result<Json<AssetRow>, Problem> {
    let before = granted.asset(id)?;
    let app = granted.app();
    if body.tags.len() > MAX_TAGS {
        return Err(Problem::invalid_field("tags", format!("an asset may carry at most {MAX_TAGS} tags")));
    }
    let visible = Visible::of(&granted).await?;
    visible.require("tags", &body.tags)?;
    let all = app.store.tags().await?;
    let dynamic: BTreeSet<TagId> = all.into_iter().filter(|tag| tag.query.is_some()).map(|tag| tag.id).collect();
    // Who edits tags sends those there are, so naming one that the asset carries anyway asks for nothing.
    let asked: BTreeSet<TagId> = body.tags.difference(&before.card.tags).filter(|tag| dynamic.contains(tag)).copied().collect();
    if let Some(tag) = asked.first().and_then(|&tag| visible.get(tag)) {
        let message = format!("a query decides who carries the tag {:?}; change its query, or choose another tag", tag.name);
        return Err(Problem::invalid_field("tags", message));
    }
    let by_hand = |tags: &BTreeSet<TagId>| tags.difference(&dynamic).copied().collect::<BTreeSet<TagId>>();
    let tags = by_hand(&body.tags);
    let audit = granted.audit("asset.tag", format!("asset {id}")).before(&by_hand(&before.card.tags)).after(&tags);
    app.store.set_asset_tags(id, &tags, &audit).await?;
    index::refresh(app, id).await?;
    let rows = Rows::new(app, granted.now()).await?;
    // Whoever took away the tag through which they saw the asset does not see it any more.
    let row = granted.view().asset(id).ok_or_else(|| Problem::not_found("asset"))?;
    Ok(Json(rows.row(&row)))
}
