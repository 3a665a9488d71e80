//! `POST /api/v1/feeds`

use super::convert;
use crate::api::extract::Json;
use crate::api::feeds::feed::{CreateFeed, FeedBody};
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::work::Reconciler;
use axum::response::Response;
use fettle_model::ids::FeedId;
use fettle_store::{FeedRecord, FeedState};

/// Makes a feed.
#[utoipa::path(
    post,
    path = "/feeds",
    tag = "feeds",
    operation_id = "create_feed",
    params(IdempotencyHeader),
    request_body = CreateFeed,
    responses((status = 201, description = "Made.", body = FeedBody)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_feed(
    granted: Granted<permission::ManageConfiguration>,
    key: IdempotencyKey,
    Json(body): Json<CreateFeed>,
) -> Result<Response, Problem> {
    let app = granted.app();
    let id = FeedId::make(granted.now(), app.entropy.ten());
    let name = convert::name(&body.name)?;
    let config = convert::config(app, id, &body.config)?;
    once(&granted, key, &body, async {
        let feed = FeedRecord { id, name, config, enabled: body.enabled, created_at: granted.now(), state: FeedState::default() };
        app.store.create_feed(&feed, &granted.audit("feed.create", format!("feed {id}")).after(&body)).await?;
        app.signals.ask(Reconciler::SyncCatalog);
        let feed = app.store.feed(id).await?.ok_or_else(|| Problem::not_found("feed"))?;
        Ok(Created { location: format!("/feeds/{id}"), body: convert::body(app, feed)? })
    })
    .await
}
