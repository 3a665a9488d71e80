//! `PUT /api/v1/assets/{id}/tags`

use super::convert::Rows;
use crate::api::assets::row::{AssetRow, AssetTags};
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::tags::visible::Visible;
use crate::auth::{Changed, Granted, permission};
use crate::index;
use fettle_model::ids::AssetId;

/// Most tags of an asset: more than anybody reads.
const MAX_TAGS: usize = 100;

/// Replaces the tags of an asset.
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
    Visible::of(&granted).await?.require("tags", &body.tags)?;
    let audit = granted.audit("asset.tag", format!("asset {id}")).before(&before.card.tags).after(&body.tags);
    app.store.set_asset_tags(id, &body.tags, &audit).await?;
    index::refresh(app, id).await?;
    let rows = Rows::new(app).await?;
    // Whoever took away the tag through which they saw the asset does not see it any more.
    let row = granted.view().asset(id).ok_or_else(|| Problem::not_found("asset"))?;
    Ok(Json(rows.row(&row)))
}
