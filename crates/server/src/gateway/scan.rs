//! `POST` scan: digest first. An unchanged machine sends no more than this.

use super::body::{Message, Reply};
use super::intake::{self, store_failed};
use super::peer::Agent;
use super::refusal::Refusal;
use super::{bounds, inventory};
use crate::App;
use axum::extract::State;
use fettle_model::digest::Sha256Digest;
use fettle_model::inventory::Volatile;
use fettle_protocol::message::{ScanReply, ScanReport};
use fettle_store::{AssetRecord, ScanFailure, ScanOutcome, UnchangedScan};
use jiff::Timestamp;
use std::sync::Arc;

pub(super) async fn scan(
    State(app): State<Arc<App>>,
    agent: Agent,
    Message(message): Message<ScanReport>,
) -> Result<Reply<ScanReply>, Refusal> {
    match message {
        ScanReport::V1 { digest, volatile, scanned_at } => {
            bounds::volatile(&volatile).map_err(|why| Refusal::BodyDamaged { why })?;
            unchanged(&app, agent, digest, volatile, scanned_at).await.map(Reply)
        }
        ScanReport::FailedV1 { reason, scanned_at: _ } => {
            let failure = ScanFailure { asset: agent.asset, reason: bounds::reason(&reason), received_at: app.clock.now() };
            tracing::warn!(asset = %agent.asset, reason = %failure.reason, "a scan failed on its machine");
            let outcome = app.store.record_scan_failure(failure).await.map_err(store_failed("record a failed scan"))?;
            intake::recorded(&app, agent.asset, outcome).await?;
            Ok(Reply(ScanReply::Known))
        }
    }
}

async fn unchanged(app: &App, agent: Agent, digest: Sha256Digest, volatile: Volatile, scanned_at: Timestamp) -> Result<ScanReply, Refusal> {
    let record = app.store.asset(agent.asset).await.map_err(store_failed("read an asset"))?.ok_or(Refusal::CertificateUnknown)?;
    if record.scan.inventory != Some(digest) {
        return Ok(ScanReply::SendInventory);
    }
    let assessor = app.fleet.assessor();
    let current = record.scan.catalog_generation == assessor.catalog().generation();
    let outcome = if current {
        let verdict = intake::verdict(Arc::clone(assessor.catalog()), record.scan.findings);
        let scan = UnchangedScan { asset: agent.asset, digest, volatile, scanned_at, received_at: app.clock.now(), verdict };
        app.store.record_unchanged(scan).await.map_err(store_failed("record a scan"))?
    } else {
        again(app, &record, digest, volatile, scanned_at).await?
    };
    match intake::recorded(app, agent.asset, outcome).await? {
        ScanOutcome::SendInventory => Ok(ScanReply::SendInventory),
        ScanOutcome::Recorded { .. } | ScanOutcome::Removed => Ok(ScanReply::Known),
    }
}

/// The stored findings are of an older catalog: a scan that has to prove something is judged by the current one.
async fn again(
    app: &App,
    record: &AssetRecord,
    digest: Sha256Digest,
    volatile: Volatile,
    scanned_at: Timestamp,
) -> Result<ScanOutcome, Refusal> {
    match app.store.inventory(record.id).await.map_err(store_failed("read an inventory"))? {
        Some(stored) => inventory::record(app, record.id, digest, Arc::new(stored), volatile, scanned_at).await,
        None => Ok(ScanOutcome::SendInventory),
    }
}
