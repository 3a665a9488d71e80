//! TLS on the agent's side: whom it trusts, and what it shows.

use super::error::TlsSetupError;
use crate::state::identity::Identity;
use fettle_model::clock::Clock;
use fettle_model::digest::Sha256Digest;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Certificates are judged by the agent's clock, which tests can set.
struct ClockTime(Arc<dyn Clock>);

impl std::fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClockTime")
    }
}

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// Trusts the authority with this fingerprint, which the server has to present; shows no certificate.
pub(super) fn pinned(authority: Sha256Digest, clock: Arc<dyn Clock>) -> Result<ClientConfig, TlsSetupError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Pinned { authority, provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_details(provider, Arc::new(ClockTime(clock))).with_safe_default_protocol_versions()?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = alpn();
    Ok(config)
}

/// Trusts the identity's authority alone, and shows the identity's certificate.
pub(super) fn mutual(identity: &Identity, clock: Arc<dyn Clock>) -> Result<ClientConfig, TlsSetupError> {
    let mut roots = RootCertStore::empty();
    roots.add(identity.authority()?)?;
    let (chain, key) = identity.client()?;
    let builder = ClientConfig::builder_with_details(Arc::new(ring::default_provider()), Arc::new(ClockTime(clock)));
    let mut config = builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_client_auth_cert(chain, key)?;
    config.alpn_protocols = alpn();
    Ok(config)
}

fn alpn() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec()]
}

/// Accepts a server whose chain holds the pinned authority and verifies to it. An activation key carries the
/// fingerprint, so the very first connection is as safe as the way the key came.
#[derive(Debug)]
struct Pinned {
    authority: Sha256Digest,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let is_pinned = |der: &&CertificateDer<'_>| Sha256::digest(der.as_ref()).as_slice() == self.authority.0;
        let authority = intermediates.iter().find(is_pinned).ok_or(CertificateError::UnknownIssuer)?;
        let (_, certificate) = X509Certificate::from_der(authority).map_err(|_| CertificateError::BadEncoding)?;
        if !certificate.is_ca() {
            return Err(CertificateError::UnknownIssuer.into());
        }
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
