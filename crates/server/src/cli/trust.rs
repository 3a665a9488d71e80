//! Whom the client believes: the system's authorities, a file's, or one pinned by fingerprint.
//!
//! A server with its own certificate authority sends that authority's certificate along. `fettle login`
//! shows its fingerprint once, and from then on only chains that end in this very certificate are believed.

use super::config::Trust;
use super::error::CliError;
use fettle_model::digest::Sha256Digest;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// Makes a client believe whom `trust` says, and nobody else.
pub(super) fn apply(builder: reqwest::ClientBuilder, trust: &Trust) -> Result<reqwest::ClientBuilder, CliError> {
    match trust {
        Trust::System => Ok(builder),
        Trust::File(path) => Ok(builder.tls_certs_only(authorities(path)?)),
        Trust::Pinned(pin) => {
            let verifier = Pinned { pin: *pin, provider: provider() };
            Ok(builder.tls_backend_preconfigured(config(Arc::new(verifier))?))
        }
    }
}

fn authorities(path: &Path) -> Result<Vec<reqwest::Certificate>, CliError> {
    let bytes = std::fs::read(path).map_err(|source| CliError::File { action: "read", path: path.to_owned(), source })?;
    let wrong = || CliError::Usage(format!("{} holds no PEM certificates", path.display()));
    let found = reqwest::Certificate::from_pem_bundle(&bytes).map_err(|_| wrong())?;
    if found.is_empty() { Err(wrong()) } else { Ok(found) }
}

/// The SHA-256 fingerprint of the authority that a server presents, without believing it yet.
///
/// Nothing but the handshake is exchanged; the fingerprint is for a person to compare.
pub(super) async fn presented(server: &Url) -> Result<Option<Sha256Digest>, CliError> {
    let seen = Arc::new(Mutex::new(None));
    let curious = Curious { seen: Arc::clone(&seen) };
    #[expect(clippy::disallowed_methods, reason = "the command line is one of the three places that speak HTTP")]
    let builder = reqwest::Client::builder();
    let http = builder
        .connect_timeout(std::time::Duration::from_secs(10))
        .timeout(std::time::Duration::from_secs(20))
        .tls_backend_preconfigured(config(Arc::new(curious))?)
        .build()
        .map_err(|source| CliError::Unreachable { server: server.to_string(), source })?;
    let answer = http.head(server.clone()).send().await;
    let found = *seen.lock().unwrap_or_else(PoisonError::into_inner);
    match (found, answer) {
        (None, Err(source)) => Err(CliError::Unreachable { server: server.to_string(), source: source.without_url() }),
        (found, _) => Ok(found),
    }
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

fn config(verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, CliError> {
    let versions = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().map_err(CliError::Tls)?;
    Ok(versions.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// SHA-256 of a certificate's DER form.
fn fingerprint(certificate: &CertificateDer<'_>) -> Sha256Digest {
    Sha256Digest(Sha256::digest(certificate.as_ref()).into())
}

/// The SHA-256 fingerprint of the first certificate in a PEM file.
pub(super) fn fingerprint_of_file(path: &Path) -> Option<Sha256Digest> {
    CertificateDer::from_pem_file(path).ok().map(|certificate| fingerprint(&certificate))
}

/// Believes chains that end in the certificate with one fingerprint. Name, dates and signatures are
/// checked as for any authority.
#[derive(Debug)]
struct Pinned {
    pin: Sha256Digest,
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
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let authority = intermediates.iter().find(|certificate| fingerprint(certificate) == self.pin).ok_or_else(unknown)?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider)).build().map_err(|_| unknown())?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Looks at the chain and then refuses it: nothing is ever sent over such a connection.
#[derive(Debug)]
struct Curious {
    seen: Arc<Mutex<Option<Sha256Digest>>>,
}

impl ServerCertVerifier for Curious {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = intermediates.last().map(fingerprint);
        Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
