//! Getting an identity with an activation key.

use crate::VERSION;
use crate::link::{Link, LinkError};
use crate::platform::{Platform, PlatformError};
use crate::settings::Settings;
use crate::state::identity::{Identity, IdentityError, Request};
use crate::state::{State, StateError};
use fettle_model::clock::Clock;
use fettle_model::ids::AssetId;
use fettle_protocol::key::ActivationKey;
use fettle_protocol::message::{Enroll, Enrolled};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Why enrolment failed.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// The machine does not tell who it is.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// Keys could not be made, or what came back is not usable.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The server.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// The server sent another authority than the key names.
    #[error("the server sent another certificate authority than the activation key names; nothing was kept")]
    OtherAuthority,
}

/// Enrols: makes a key pair, has it certified, keeps the identity. The same machine enrolling again stays
/// the same asset.
///
/// # Errors
/// See [`EnrollError`]; the texts say what to do. Nothing is kept then.
pub async fn enroll(
    settings: &Settings,
    key: &ActivationKey,
    state: &State,
    platform: &dyn Platform,
    clock: &Arc<dyn Clock>,
) -> Result<AssetId, EnrollError> {
    let machine = platform.machine().await?;
    let request = Request::make()?;
    let link = Link::pinned(settings, key.authority, Arc::clone(clock))?;
    let message = Enroll::V1 {
        key: key.to_string(),
        signing_request: request.signing_request,
        machine_id: machine.machine_id,
        hostname: machine.hostname,
        agent_version: VERSION.to_owned(),
        assess_only: settings.assess_only || platform.only_assessed().is_some(),
        sent_at: clock.now(),
    };
    let Enrolled::V1 { asset, certificate, authority, manifest_key } = link.enroll(&message).await?;
    let der = CertificateDer::from_pem_slice(authority.as_bytes())
        .map_err(|error| IdentityError::Pem("server's certificate authority", error))?;
    if Sha256::digest(&der).as_slice() != key.authority.0 {
        return Err(EnrollError::OtherAuthority);
    }
    let manifest_key = data_encoding::HEXLOWER.encode(&manifest_key);
    let identity = Identity { asset, key: request.key, certificate, authority, manifest_key };
    // Found out now, not at the first manifest.
    identity.manifest_key()?;
    Link::mutual(settings, &identity, Arc::clone(clock))?;
    state.set_identity(identity)?;
    Ok(asset)
}
