//! `PATCH /api/v1/feeds/{id}`

use super::convert;
use crate::api::extract::{Json, Path};
use crate::api::feeds::feed::{ChangeFeed, FeedBody};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use fettle_model::ids::FeedId;
use fettle_store::FeedChange;

/// Changes a feed.
#[utoipa::path(
    patch,
    path = "/feeds/{id}",
    tag = "feeds",
    operation_id = "change_feed",
    params(("id" = Uuid, Path, description = "Id of the feed.")),
    request_body = ChangeFeed,
    responses((status = 200, description = "The feed, as it is now.", body = FeedBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn change_feed(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<FeedId>,
    Json(body): Json<ChangeFeed>,
) -> Result<Json<FeedBody>, Problem> {
    let app = granted.app();
    let before = app.store.feed(id).await?.ok_or_else(|| Problem::not_found("feed"))?;
    let name = body.name.as_deref().map(convert::name).transpose()?;
    let config = body.config.as_ref().map(|given| convert::config(app, id, given)).transpose()?;
    let change = FeedChange { name, config, enabled: body.enabled };
    let audit = granted.audit("feed.change", format!("feed {id}")).before(&before.config).after(&body);
    let after = app.store.update_feed(id, &change, &audit).await?;
    app.signals.ask(Reconciler::SyncCatalog);
    convert::body(app, after).map(Json)
}
