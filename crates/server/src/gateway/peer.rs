//! Which asset speaks: decided anew for each request, because a certificate may be revoked meanwhile.

use super::refusal::Refusal;
use crate::App;
use crate::authority;
use crate::listen::Peer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use fettle_model::ids::AssetId;
use fettle_store::CertificateState;
use jiff::Timestamp;
use std::sync::Arc;

/// The asset that speaks, known by its client certificate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agent {
    /// The asset.
    pub(super) asset: AssetId,
    /// Last moment of its certificate.
    pub(super) not_after: Timestamp,
}

impl FromRequestParts<Arc<App>> for Agent {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let shown = parts.extensions.get::<Peer>().and_then(|peer| peer.certificate.clone());
        let der = shown.ok_or(Refusal::CertificateMissing)?;
        let fingerprint = authority::fingerprint(&der);
        let found = app.store.certificate(fingerprint).await;
        let record = found.map_err(|error| Refusal::failed("look up a certificate", &error))?.ok_or(Refusal::CertificateUnknown)?;
        let not_after = record.certificate.not_after;
        match record.state {
            CertificateState::Revoked { .. } => Err(Refusal::CertificateRevoked),
            CertificateState::Live if not_after < app.clock.now() => Err(Refusal::CertificateExpired),
            CertificateState::Live => Ok(Self { asset: record.asset, not_after }),
        }
    }
}
