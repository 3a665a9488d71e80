//! Who an agent is: its keys and certificates, and the server it trusts.

use ed25519_dalek::VerifyingKey;
use fettle_model::ids::AssetId;
use jiff::Timestamp;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer, X509Certificate};

/// An identity, as it is kept: one file, so that key and certificate always belong together.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The asset this machine is.
    pub asset: AssetId,
    /// Private key, PKCS #8 PEM.
    pub key: String,
    /// Client certificate, PEM.
    pub certificate: String,
    /// The server's certificate authority, PEM: the only trust anchor.
    pub authority: String,
    /// Ed25519 public key that signs manifests, hexadecimal.
    pub manifest_key: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("asset", &self.asset).finish_non_exhaustive()
    }
}

/// Why a key, certificate or identity is not usable.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The key pair or signing request could not be made.
    #[error("could not make a key pair and signing request")]
    Make(#[source] rcgen::Error),
    /// A text is not the PEM it should be.
    #[error("the {0} is not PEM")]
    Pem(&'static str, #[source] rustls_pki_types::pem::Error),
    /// The certificate cannot be read.
    #[error("the client certificate cannot be read")]
    Certificate,
    /// The manifest key is not one.
    #[error("the server's manifest key is not an Ed25519 public key")]
    ManifestKey,
}

/// A fresh key pair and the request to have it certified.
pub struct Request {
    /// Private key, PKCS #8 PEM.
    pub key: String,
    /// PKCS #10, DER.
    pub signing_request: Vec<u8>,
}

impl Request {
    /// Makes a P-256 key pair. It never leaves this machine.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn make() -> Result<Self, IdentityError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(IdentityError::Make)?;
        let mut params = CertificateParams::default();
        // The server chooses the subject.
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&key).map_err(IdentityError::Make)?;
        Ok(Self { key: key.serialize_pem(), signing_request: request.der().to_vec() })
    }
}

impl Identity {
    /// The client certificate chain and key, for TLS.
    ///
    /// # Errors
    /// When they are not PEM.
    pub fn client(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), IdentityError> {
        let chain = CertificateDer::pem_slice_iter(self.certificate.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| IdentityError::Pem("client certificate", error))?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(|error| IdentityError::Pem("private key", error))?;
        Ok((chain, key))
    }

    /// The server's certificate authority.
    ///
    /// # Errors
    /// When it is not PEM.
    pub fn authority(&self) -> Result<CertificateDer<'static>, IdentityError> {
        CertificateDer::from_pem_slice(self.authority.as_bytes())
            .map_err(|error| IdentityError::Pem("server's certificate authority", error))
    }

    /// The key that manifests must be signed with.
    ///
    /// # Errors
    /// When it is not one.
    pub fn manifest_key(&self) -> Result<VerifyingKey, IdentityError> {
        let bytes = data_encoding::HEXLOWER.decode(self.manifest_key.as_bytes()).map_err(|_| IdentityError::ManifestKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| IdentityError::ManifestKey)?;
        VerifyingKey::from_bytes(&bytes).map_err(|_| IdentityError::ManifestKey)
    }

    /// First and last moment of the client certificate's validity.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn validity(&self) -> Result<(Timestamp, Timestamp), IdentityError> {
        let (chain, _) = self.client()?;
        let der = chain.first().ok_or(IdentityError::Certificate)?;
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| IdentityError::Certificate)?;
        let moment = |seconds| Timestamp::from_second(seconds).map_err(|_| IdentityError::Certificate);
        let validity = certificate.validity();
        Ok((moment(validity.not_before.timestamp())?, moment(validity.not_after.timestamp())?))
    }
}
