//! `GET` work: everything an asset has to do.

use super::body::Reply;
use super::intake::store_failed;
use super::peer::Agent;
use super::refusal::Refusal;
use crate::App;
use axum::extract::State;
use fettle_protocol::message::Work;
use std::sync::Arc;

pub(super) async fn work(State(app): State<Arc<App>>, agent: Agent) -> Result<Reply<Work>, Refusal> {
    let list = app.store.work_for(agent.asset).await.map_err(store_failed("read an asset's work"))?;
    let list = list.ok_or(Refusal::CertificateUnknown)?;
    Ok(Reply(Work::V1 { number: list.number, manifests: list.manifests }))
}
