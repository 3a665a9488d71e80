//! Signing requests: hostile bytes of which one thing is taken, the public key.

use super::AuthorityError;
use rcgen::{CertificateSigningRequestParams, PKCS_ECDSA_P256_SHA256, PublicKey, PublicKeyData};
use rustls_pki_types::CertificateSigningRequestDer;

/// A request with a P-256 key takes some 250 bytes.
const LIMIT: usize = 8 * 1024;
/// An uncompressed point: a mark and two coordinates of 32 bytes (SEC 1, 2.3.3).
const POINT: usize = 65;

/// The public key of a request whose signature proves that the sender holds the private one.
pub(super) fn public_key(request: &[u8]) -> Result<PublicKey, AuthorityError> {
    if request.len() > LIMIT {
        return Err(AuthorityError::Request);
    }
    let request = CertificateSigningRequestDer::from(request);
    let key = CertificateSigningRequestParams::from_der(&request).map_err(|_| AuthorityError::Request)?.public_key;
    let acceptable = key.algorithm() == &PKCS_ECDSA_P256_SHA256 && key.der_bytes().len() == POINT;
    if acceptable { Ok(key) } else { Err(AuthorityError::Request) }
}
