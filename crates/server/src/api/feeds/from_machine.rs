//! `POST /api/v1/feeds/from-machine`

use super::convert;
use crate::api::feeds::feed::FeedsFromMachine;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use crate::gateway::chain;
use crate::work::Reconciler;
use axum::response::Response;
use fettle_catalog::sources;
use fettle_model::ids::FeedId;
use fettle_store::{FeedRecord, FeedState};
use std::path::Path;

/// Makes feeds from the package sources of the machine the server runs on.
#[utoipa::path(
    post,
    path = "/feeds/from-machine",
    tag = "feeds",
    operation_id = "create_feeds_from_machine",
    params(IdempotencyHeader),
    responses((status = 201, description = "What was made, and what was not.", body = FeedsFromMachine)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_feeds_from_machine(
    granted: Granted<permission::ManageConfiguration>,
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    let found = tokio::task::spawn_blocking(|| sources::from_machine(Path::new("/")));
    let found = found.await.map_err(|error| Problem::internal(&error))?;
    let found = found.map_err(|error| Problem::conflict("machine-sources-unreadable", chain(&error)))?;
    let skipped = found.skipped.iter().map(|source| format!("{} ({}): {}", source.entry, source.file.display(), source.why)).collect();
    let Some(config) = found.feed() else {
        let detail = "This machine's apt configuration has no sources of the distribution; add a feed with its sources instead.";
        return Err(Problem::conflict("no-machine-sources", detail));
    };
    let config = serde_json::to_value(&config).map_err(|error| Problem::internal(&error))?;
    let name = format!("{} (this machine)", found.release);
    once(&granted, key, &"from-machine", async {
        let app = granted.app();
        let id = FeedId::make(granted.now(), app.entropy.ten());
        let feed = FeedRecord { id, name, config, enabled: true, created_at: granted.now(), state: FeedState::default() };
        app.store.create_feed(&feed, &granted.audit("feed.create", format!("feed {id}")).after(&feed.config)).await?;
        app.signals.ask(Reconciler::SyncCatalog);
        let feed = app.store.feed(id).await?.ok_or_else(|| Problem::not_found("feed"))?;
        let body = FeedsFromMachine { created: vec![convert::body(app, feed)?], skipped, notes: found.notes };
        Ok(Created { location: format!("/feeds/{id}"), body })
    })
    .await
}
