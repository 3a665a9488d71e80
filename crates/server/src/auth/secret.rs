//! Random secrets handed to people and programs, and the hashes that are kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fettle_model::clock::Entropy;
use fettle_model::digest::Sha256Digest;
use sha2::{Digest, Sha256};

/// What API tokens begin with, so that they are recognised in logs and by secret scanners.
pub const TOKEN_PREFIX: &str = "ft1_";

/// A new secret: 256 random bits as text.
#[must_use]
pub fn make(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A new API token.
#[must_use]
pub fn make_token(entropy: &dyn Entropy) -> String {
    format!("{TOKEN_PREFIX}{}", make(entropy))
}

/// What is kept of a secret. It has full entropy, so one round of a fast hash is enough, and looking the
/// hash up needs no comparison in constant time.
#[must_use]
pub fn hash(secret: &str) -> Sha256Digest {
    Sha256Digest(Sha256::digest(secret.as_bytes()).into())
}
