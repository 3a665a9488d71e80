//! The installation's own certificate authority and its manifest key.
//!
//! An agent pins both at enrolment: the authority's certificate is its only trust anchor, the Ed25519 key
//! the only one whose manifests it carries out. Keys live in the secrets folder, are made at the first
//! start and are written whole or not at all.

mod files;
mod request;
mod setup;

pub use setup::SetupToken;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding};
use fettle_deploy::manifest::Manifest;
use fettle_model::clock::Entropy;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_protocol::signed::{ManifestError, SignedManifest, Verified};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Life of the authority's own certificate.
const AUTHORITY_DAYS: i32 = 3_653;
/// Life of an agent's certificate: long enough for a machine that is off over a holiday, short enough that
/// a lost one is worth little.
const CLIENT_DAYS: i32 = 90;
/// An agent is told to renew when less than this is left.
const CLIENT_RENEW_DAYS: i32 = 30;
/// Life of the server's certificate; what browsers accept at most is a little more.
const SERVER_DAYS: i32 = 365;
/// The server's certificate is made anew when less than this is left.
const SERVER_RENEW_DAYS: i32 = 60;
/// Certificates begin a little before they are made, for machines whose clock is behind.
const BACKDATE: SignedDuration = SignedDuration::from_hours(1);

/// Why the authority cannot do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file of the secrets folder could not be read or written.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What was attempted.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file of the secrets folder holds something else.
    #[error("{} is damaged: restore the secrets folder from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A key could not be made or a certificate not be signed.
    #[error("could not {doing}")]
    Certificate {
        /// What was attempted.
        doing: &'static str,
        /// Why.
        #[source]
        source: rcgen::Error,
    },
    /// The signing request is not one, or not by the holder of its key, or for a kind of key that is not accepted.
    #[error("the signing request is not a PKCS #10 request, signed with its own P-256 key")]
    Request,
    /// A manifest could not be signed.
    #[error("could not sign a manifest")]
    Manifest(#[source] ManifestError),
}

/// Certificate authority and manifest key of this installation.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
    manifest: SigningKey,
    /// Signs bundles of the catalog; made when it is first needed.
    catalog: Mutex<Option<SigningKey>>,
    secrets: PathBuf,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
    }
}

/// A certificate made for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// PEM, as sent.
    pub pem: String,
    /// SHA-256 of the DER form: how the store knows it.
    pub fingerprint: Sha256Digest,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
}

/// A certificate chain and its key, for a TLS listener.
#[derive(Debug)]
pub struct ServerIdentity {
    /// Own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Private key.
    pub key: PrivateKeyDer<'static>,
}

/// SHA-256 of a certificate's DER form.
#[must_use]
pub fn fingerprint(der: &[u8]) -> Sha256Digest {
    Sha256Digest(Sha256::digest(der).into())
}

impl Authority {
    /// Opens the authority in the secrets folder, or makes it when there is none.
    ///
    /// # Errors
    /// When files cannot be read, written, or are damaged. A half-present authority is damage: making a new
    /// one would lock every agent out.
    pub fn open(secrets: &Path, now: Timestamp, entropy: &dyn Entropy) -> Result<Self, AuthorityError> {
        files::private_folder(secrets)?;
        let path = secrets.join("authority.key");
        let kept = match files::read(&path)? {
            Some(kept) => kept,
            None => make(&path, now, entropy)?,
        };
        let damaged = || AuthorityError::Damaged { path: path.clone() };
        let (der, key) = pair(&kept).ok_or_else(damaged)?;
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(|_| damaged())?;
        let pem = pem_of(&der);
        // The certificate alone, for people who want to hand it to something else.
        files::write(&secrets.join("authority.pem"), &pem)?;
        let manifest = signing_key(&secrets.join("manifest.key"), entropy)?;
        Ok(Self { issuer, pem, der, manifest, catalog: Mutex::new(None), secrets: secrets.to_owned() })
    }

    /// Writes a secret of this installation to a file of this name beside the authority's own, readable by
    /// the owner of the data folder alone.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_secret(&self, name: &str, text: &str) -> Result<(), AuthorityError> {
        files::write(&self.secrets.join(name), text)
    }

    /// SHA-256 of the authority's certificate: what activation keys carry.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256Digest {
        fingerprint(&self.der)
    }

    /// The authority's certificate, PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The authority's certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// The public half of the manifest key.
    #[must_use]
    pub fn manifest_key(&self) -> [u8; 32] {
        self.manifest.verifying_key().to_bytes()
    }

    /// The key that signs bundles of the catalog. It is not the manifests' key: who may say what a catalog holds shall not
    /// thereby say what agents do.
    ///
    /// # Errors
    /// When it is first needed and cannot be read or made.
    pub fn catalog_key(&self, entropy: &dyn Entropy) -> Result<SigningKey, AuthorityError> {
        // A panic elsewhere cannot leave the key half made.
        let mut kept = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = kept.as_ref() {
            return Ok(key.clone());
        }
        let key = signing_key(&self.secrets.join("catalog.key"), entropy)?;
        Ok(kept.insert(key).clone())
    }

    /// Signs a manifest.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn sign(&self, manifest: &Manifest) -> Result<SignedManifest, AuthorityError> {
        SignedManifest::sign(manifest, &self.manifest).map_err(AuthorityError::Manifest)
    }

    /// Reads a manifest that this authority signed.
    ///
    /// # Errors
    /// When it is another's, or newer than this build.
    pub fn read(&self, signed: &SignedManifest) -> Result<Manifest, ManifestError> {
        signed.verify(&self.manifest.verifying_key()).map(Verified::into_inner)
    }

    /// Makes a certificate for an agent. Only the public key of the request is taken; names, uses and life
    /// are the authority's decision.
    ///
    /// # Errors
    /// When the request is not acceptable, or signing fails.
    pub fn client_certificate(
        &self,
        request: &[u8],
        asset: AssetId,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<ClientCertificate, AuthorityError> {
        let key = request::public_key(request)?;
        let (not_before, not_after) = (now - BACKDATE, now + DAY * CLIENT_DAYS);
        let mut params = parameters(not_before, not_after, &asset.to_string(), entropy);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(|source| AuthorityError::Certificate { doing: "sign an agent's certificate", source })?;
        Ok(ClientCertificate {
            pem: certificate.pem(),
            fingerprint: fingerprint(certificate.der()),
            serial: params.serial_number.map(|serial| data_encoding::HEXLOWER.encode(&serial.to_bytes())).unwrap_or_default(),
            not_before: whole_second(not_before),
            not_after: whole_second(not_after),
        })
    }

    /// The server's own certificate for `names`: the kept one while it is good, otherwise a new one.
    ///
    /// # Errors
    /// When files cannot be read or written, a name is neither host name nor address, or signing fails.
    pub fn server_identity(&self, names: &[String], now: Timestamp, entropy: &dyn Entropy) -> Result<ServerIdentity, AuthorityError> {
        let path = self.secrets.join("server.key");
        if let Some(identity) = files::read(&path)?.and_then(|kept| self.kept_identity(&kept, names, now)) {
            return Ok(identity);
        }
        let doing = "make the server's certificate";
        let failed = |source| AuthorityError::Certificate { doing, source };
        let key = KeyPair::generate().map_err(failed)?;
        let first = names.first().map_or("fettle", String::as_str);
        let mut params = parameters(now - BACKDATE, now + DAY * SERVER_DAYS, first, entropy);
        params.subject_alt_names = CertificateParams::new(names).map_err(failed)?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        files::write(&path, &(key.serialize_pem() + &certificate.pem()))?;
        Ok(self.identity(certificate.der().clone(), &key))
    }

    fn kept_identity(&self, kept: &str, names: &[String], now: Timestamp) -> Option<ServerIdentity> {
        let (der, key) = pair(kept)?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        let (_, authority) = X509Certificate::from_der(&self.der).ok()?;
        certificate.verify_signature(Some(authority.public_key())).ok()?;
        let left = certificate.validity().not_after.timestamp() - now.as_second();
        let fresh = left > (DAY * SERVER_RENEW_DAYS).as_secs();
        (fresh && names_of(&certificate) == normal(names)).then(|| self.identity(der.clone(), &key))
    }

    fn identity(&self, own: CertificateDer<'static>, key: &KeyPair) -> ServerIdentity {
        ServerIdentity { chain: vec![own, self.der.clone()], key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() }
    }
}

/// Whether a signing request is one an agent's certificate can be made from.
///
/// # Errors
/// [`AuthorityError::Request`].
pub fn check_request(request: &[u8]) -> Result<(), AuthorityError> {
    request::public_key(request).map(|_| ())
}

/// Whether an agent whose certificate ends then should renew it now.
#[must_use]
pub fn should_renew(not_after: Timestamp, now: Timestamp) -> bool {
    not_after.duration_since(now) < DAY * CLIENT_RENEW_DAYS
}

/// Key and certificate go into one file, so that a crash cannot part them.
fn make(path: &Path, now: Timestamp, entropy: &dyn Entropy) -> Result<String, AuthorityError> {
    let failed = |source| AuthorityError::Certificate { doing: "make the certificate authority", source };
    let key = KeyPair::generate().map_err(failed)?;
    let mut tail = [0; 4];
    entropy.fill(&mut tail);
    // Clients choose a trust anchor by name, so two installations must not share one.
    let name = format!("Fettle authority {}", data_encoding::HEXLOWER.encode(&tail));
    let mut params = parameters(now - BACKDATE, now + DAY * AUTHORITY_DAYS, &name, entropy);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key).map_err(failed)?;
    let text = key.serialize_pem() + &certificate.pem();
    files::write(path, &text)?;
    Ok(text)
}

/// The certificate and the key of one file, if they belong together.
fn pair(text: &str) -> Option<(CertificateDer<'static>, KeyPair)> {
    let der = CertificateDer::from_pem_slice(text.as_bytes()).ok()?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).ok()?;
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let theirs = certificate.public_key().subject_public_key.data.as_ref() == key.der_bytes();
    theirs.then_some((der, key))
}

fn pem_of(der: &[u8]) -> String {
    let body = data_encoding::BASE64.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn names_of(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return BTreeSet::new() };
    names.value.general_names.iter().filter_map(name_text).collect()
}

fn name_text(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|four| IpAddr::from(four).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|sixteen| IpAddr::from(sixteen).to_string()),
        },
        _ => None,
    }
}

/// Names as [`names_of`] reads them back.
fn normal(names: &[String]) -> BTreeSet<String> {
    names.iter().map(|name| name.parse::<IpAddr>().map_or_else(|_| name.clone(), |ip| ip.to_string())).collect()
}

fn signing_key(path: &Path, entropy: &dyn Entropy) -> Result<SigningKey, AuthorityError> {
    if let Some(pem) = files::read(path)? {
        return SigningKey::from_pkcs8_pem(&pem).map_err(|_| AuthorityError::Damaged { path: path.to_owned() });
    }
    let mut seed = [0; 32];
    entropy.fill(&mut seed);
    let key = SigningKey::from_bytes(&seed);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| AuthorityError::Damaged { path: path.to_owned() })?;
    files::write(path, &pem)?;
    Ok(key)
}

fn parameters(not_before: Timestamp, not_after: Timestamp, name: &str, entropy: &dyn Entropy) -> CertificateParams {
    let mut params = CertificateParams::default();
    // rcgen takes another library's time; a duration since the epoch needs no dependency on it.
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_epoch(not_before);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_epoch(not_after);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    // RFC 5280 wants at most 20 octets and a positive number.
    let mut serial = [0; 16];
    entropy.fill(&mut serial);
    serial[0] = (serial[0] & 0x7f) | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params
}

/// X.509 keeps whole seconds.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn since_epoch(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
