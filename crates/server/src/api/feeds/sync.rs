//! `POST /api/v1/feeds/{id}/sync`

use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use crate::work::Reconciler;
use axum::http::StatusCode;
use fettle_model::ids::FeedId;

/// Asks for a feed to be synchronised now.
#[utoipa::path(
    post,
    path = "/feeds/{id}/sync",
    tag = "feeds",
    operation_id = "sync_feed",
    params(("id" = Uuid, Path, description = "Id of the feed.")),
    responses((status = 202, description = "It is synchronised as soon as the server gets to it.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn sync_feed(granted: Granted<permission::ManageConfiguration>, Path(id): Path<FeedId>) -> Result<StatusCode, Problem> {
    let app = granted.app();
    app.store.request_sync(id, &granted.audit("feed.sync", format!("feed {id}"))).await?;
    app.signals.ask(Reconciler::SyncCatalog);
    Ok(StatusCode::ACCEPTED)
}
