//! `PUT` inventory: acknowledged when it is durable and assessed.

use super::body::Message;
use super::bounds;
use super::intake::{self, store_failed};
use super::peer::Agent;
use super::refusal::Refusal;
use crate::App;
use axum::extract::State;
use axum::http::StatusCode;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_model::inventory::{Inventory, Volatile};
use fettle_protocol::codec::inventory_digest;
use fettle_protocol::message::InventoryUpload;
use fettle_store::{ScanOutcome, Upload};
use jiff::Timestamp;
use std::sync::Arc;

pub(super) async fn inventory(
    State(app): State<Arc<App>>,
    agent: Agent,
    Message(message): Message<InventoryUpload>,
) -> Result<StatusCode, Refusal> {
    let (inventory, volatile, scanned_at) = message.into_parts();
    let flawed = |why| Refusal::BodyDamaged { why };
    bounds::inventory(&inventory).map_err(flawed)?;
    bounds::volatile(&volatile).map_err(flawed)?;
    // The server names the inventory itself: a wrong name would make the next scan look unchanged.
    let digest = inventory_digest(&inventory).map_err(|error| flawed(error.to_string()))?;
    let outcome = record(&app, agent.asset, digest, Arc::from(inventory), volatile, scanned_at).await?;
    intake::recorded(&app, agent.asset, outcome).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn record(
    app: &App,
    asset: AssetId,
    digest: Sha256Digest,
    inventory: Arc<Inventory>,
    volatile: Volatile,
    scanned_at: Timestamp,
) -> Result<ScanOutcome, Refusal> {
    let judged = intake::assess(app, asset, digest, Arc::clone(&inventory)).await;
    let (assessed, verdict) = judged.map_err(|error| Refusal::failed("assess an inventory", &error))?;
    let upload = Upload { asset, digest, inventory, volatile, scanned_at, received_at: app.clock.now(), assessed, verdict };
    app.store.record_upload(upload).await.map_err(store_failed("record an inventory"))
}
