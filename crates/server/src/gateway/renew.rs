//! `POST` renew: a new client certificate for the holder of a live one.

use super::body::{Message, Reply};
use super::enroll::record;
use super::peer::Agent;
use super::refusal::Refusal;
use crate::App;
use crate::authority::AuthorityError;
use axum::extract::State;
use fettle_protocol::message::{Renew, Renewed};
use std::sync::Arc;

pub(super) async fn renew(State(app): State<Arc<App>>, agent: Agent, Message(message): Message<Renew>) -> Result<Reply<Renewed>, Refusal> {
    let Renew::V1 { signing_request } = message;
    let made = app.authority.client_certificate(&signing_request, agent.asset, app.clock.now(), app.entropy.as_ref());
    let certificate = made.map_err(|error| match error {
        AuthorityError::Request => Refusal::BodyDamaged { why: error.to_string() },
        other => Refusal::failed("renew a certificate", &other),
    })?;
    let kept = app.store.renew_certificate(agent.asset, &record(&certificate)).await;
    kept.map_err(|error| Refusal::failed("keep a renewed certificate", &error))?;
    tracing::info!(asset = %agent.asset, "a certificate was renewed");
    Ok(Reply(Renewed::V1 { certificate: certificate.pem }))
}
