//! `POST` reports: what happened in runs. Sent at least once; acknowledged when durable.

use super::body::Message;
use super::bounds;
use super::intake::{moved_on, store_failed};
use super::peer::Agent;
use super::refusal::Refusal;
use crate::App;
use axum::extract::State;
use axum::http::StatusCode;
use fettle_protocol::message::Reports;
use std::sync::Arc;

pub(super) async fn reports(State(app): State<Arc<App>>, agent: Agent, Message(message): Message<Reports>) -> Result<StatusCode, Refusal> {
    let Reports::V1 { mut events } = message;
    bounds::events(&mut events).map_err(|why| Refusal::BodyDamaged { why })?;
    let outcome = app.store.apply_reports(agent.asset, events, app.clock.now()).await.map_err(store_failed("take reports"))?;
    for refused in &outcome.refused {
        // An agent cannot mend what it saw, so a report that cannot be is logged here and not sent back.
        tracing::warn!(asset = %agent.asset, run = %refused.run, event = %refused.event, why = %refused.why, "a report was refused");
    }
    moved_on(&app, agent.asset, &outcome.runs, outcome.work_changed);
    Ok(StatusCode::NO_CONTENT)
}
