//! `DELETE /api/v1/feeds/{id}`

use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use axum::http::StatusCode;
use fettle_model::ids::FeedId;

/// Deletes a feed and withdraws its patches.
#[utoipa::path(
    delete,
    path = "/feeds/{id}",
    tag = "feeds",
    operation_id = "delete_feed",
    params(("id" = Uuid, Path, description = "Id of the feed.")),
    responses((status = 204, description = "Deleted.")),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn delete_feed(granted: Granted<permission::ManageConfiguration>, Path(id): Path<FeedId>) -> Result<StatusCode, Problem> {
    let app = granted.app();
    let before = app.store.feed(id).await?.ok_or_else(|| Problem::not_found("feed"))?;
    app.store.delete_feed(id, &granted.audit("feed.delete", format!("feed {id}")).before(&before.config)).await?;
    // Its patches are gone from the stored catalog; the findings follow.
    app.signals.ask(Reconciler::Reassess);
    Ok(StatusCode::NO_CONTENT)
}
