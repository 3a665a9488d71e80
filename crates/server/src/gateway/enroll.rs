//! `POST` enrol: a machine with an activation key becomes an asset.

use super::body::{Message, Reply};
use super::bounds;
use super::refusal::Refusal;
use crate::authority::{self, ClientCertificate};
use crate::listen::Peer;
use crate::{App, index};
use axum::Extension;
use axum::extract::State;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_protocol::key::ActivationKey;
use fettle_protocol::message::{Enroll, Enrolled};
use fettle_store::{EnrolOutcome, Enrolment, KeyRefusal, NewCertificate};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A clock that is off by more than this makes certificates and schedules fail in ways nobody understands,
/// so it is said at once.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(10);

pub(super) async fn enroll(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Message(message): Message<Enroll>,
) -> Result<Reply<Enrolled>, Refusal> {
    let Enroll::V1 { key, signing_request, machine_id, hostname, agent_version, assess_only, sent_at } = message;
    let now = app.clock.now();
    let flawed = |why| Refusal::BodyDamaged { why };
    bounds::machine_id(&machine_id).map_err(flawed)?;
    bounds::hostname(&hostname).map_err(flawed)?;
    bounds::agent_version(&agent_version).map_err(flawed)?;
    authority::check_request(&signing_request).map_err(|error| flawed(error.to_string()))?;
    check_clock(sent_at, now)?;
    let key: ActivationKey = key.parse().map_err(|_| Refusal::KeyUnknown)?;
    let enrolment = Enrolment {
        asset: AssetId::make(now, app.entropy.ten()),
        key: key.id,
        secret_hash: Sha256Digest(Sha256::digest(key.secret).into()),
        machine_id,
        hostname,
        agent_version,
        assess_only,
        from: peer.address.ip().to_string(),
        now,
    };
    let (asset, certificate) = store(&app, &enrolment, &signing_request).await?;
    index::refresh(&app, asset).await.map_err(|error| Refusal::failed("show a new asset", &error))?;
    // Whoever held the asset's older certificate is refused now.
    app.nudges.wake(asset);
    let (authority, manifest_key) = (app.authority.pem().to_owned(), app.authority.manifest_key());
    Ok(Reply(Enrolled::V1 { asset, certificate: certificate.pem, authority, manifest_key }))
}

fn check_clock(theirs: Timestamp, ours: Timestamp) -> Result<(), Refusal> {
    let skew = theirs.duration_since(ours);
    if skew.abs() <= MOST_SKEW {
        return Ok(());
    }
    let direction = if skew.is_negative() { "behind" } else { "ahead of" };
    Err(Refusal::ClockSkew { seconds: skew.as_secs().unsigned_abs(), direction })
}

async fn store(app: &App, enrolment: &Enrolment, request: &[u8]) -> Result<(AssetId, ClientCertificate), Refusal> {
    let mut made = None;
    let issue = |asset| {
        let certificate = app.authority.client_certificate(request, asset, enrolment.now, app.entropy.as_ref())?;
        let record = record(&certificate);
        made = Some(certificate);
        Ok(record)
    };
    let outcome = app.store.enrol(enrolment, issue).await.map_err(|error| Refusal::failed("enrol a machine", &error))?;
    match (outcome, made) {
        (EnrolOutcome::Enrolled { asset, returning }, Some(certificate)) => {
            tracing::info!(%asset, hostname = %enrolment.hostname, from = %enrolment.from, returning, "a machine enrolled");
            Ok((asset, certificate))
        }
        (EnrolOutcome::Refused(why), _) => {
            tracing::warn!(hostname = %enrolment.hostname, from = %enrolment.from, ?why, "an enrolment was refused");
            Err(refusal(why))
        }
        (EnrolOutcome::Enrolled { .. }, None) => Err(Refusal::Unavailable),
    }
}

/// What the store keeps of a certificate.
pub(super) fn record(certificate: &ClientCertificate) -> NewCertificate {
    NewCertificate {
        fingerprint: certificate.fingerprint,
        serial: certificate.serial.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
    }
}

fn refusal(why: KeyRefusal) -> Refusal {
    match why {
        KeyRefusal::Unknown => Refusal::KeyUnknown,
        KeyRefusal::Expired => Refusal::KeyExpired,
        KeyRefusal::UsedUp => Refusal::KeyUsedUp,
        KeyRefusal::Disabled => Refusal::KeyDisabled,
    }
}
