//! TLS of the agent link: our certificate, and theirs if they have one.

use crate::App;
use crate::certificate::OwnCertificate;
use crate::listen::TlsTime;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use std::sync::Arc;
use std::time::Duration;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why a TLS listener cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate, its key or the versions of TLS are not usable.
    #[error("could not set up TLS")]
    Rustls(#[from] rustls::Error),
    /// The authority's certificate cannot verify others.
    #[error("could not set up the verification of client certificates")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// The agent link's TLS: client certificates are optional here, because enrolment has none yet; every path
/// but enrolment asks for one itself.
///
/// # Errors
/// When the authority's certificate cannot be used to verify others.
pub fn config(app: &App) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(app.authority.certificate().clone())?;
    let verifier = Verifier::new(roots, &provider)?;
    let time = Arc::new(TlsTime(Arc::clone(&app.clock)));
    let mut config = ServerConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::<OwnCertificate>::clone(&app.certificate));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Verifies that a client certificate is ours, at a moment at which it was valid.
///
/// An expired certificate thus gets through the handshake and is refused by the gateway with a sentence
/// that says what to do; refused here, the agent would see a broken connection.
#[derive(Debug)]
struct Verifier(Arc<dyn ClientCertVerifier>);

impl Verifier {
    fn new(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Result<Self, TlsError> {
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        Ok(Self(builder.allow_unauthenticated().build()?))
    }
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        self.0.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let moment = valid_moment(end_entity, now).ok_or(CertificateError::BadEncoding)?;
        self.0.verify_client_cert(end_entity, intermediates, moment)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The moment nearest to `now` at which the certificate is valid.
fn valid_moment(der: &[u8], now: UnixTime) -> Option<UnixTime> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let validity = certificate.validity();
    let first = u64::try_from(validity.not_before.timestamp()).ok()?;
    let last = u64::try_from(validity.not_after.timestamp()).ok()?;
    let moment = now.as_secs().max(first).min(last);
    Some(UnixTime::since_unix_epoch(Duration::from_secs(moment)))
}
