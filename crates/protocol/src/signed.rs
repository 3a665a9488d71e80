//! Signed manifests: the only thing that makes an agent act.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use fettle_deploy::manifest::Manifest;
use serde::{Deserialize, Serialize};

/// The versions of a manifest as signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Payload {
    V1(Manifest),
}

/// Binds the signature to its purpose, so that no other signed bytes can pass for a manifest.
const CONTEXT: &[u8] = b"fettle manifest 1\0";

/// A manifest and its Ed25519 signature (RFC 8032) over the payload behind a fixed prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedManifest {
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// A value whose signature was checked. Only this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The value.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The value, by itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Why a manifest is not trusted, or could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The signature does not belong to these bytes and this key.
    #[error("the manifest is not signed by the server this agent enrolled with")]
    Signature(#[source] ed25519_dalek::SignatureError),
    /// Signed by the right key, but not readable by this version.
    #[error("the manifest has a format this version does not know; update the agent")]
    Format(#[source] postcard::Error),
}

impl SignedManifest {
    /// Signs a manifest.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn sign(manifest: &Manifest, key: &SigningKey) -> Result<Self, ManifestError> {
        let payload = postcard::to_stdvec(&Payload::V1(manifest.clone())).map_err(ManifestError::Format)?;
        let signature = key.sign(&message(&payload)).to_bytes().to_vec();
        Ok(Self { payload, signature })
    }

    /// Checks the signature, then reads the manifest.
    ///
    /// # Errors
    /// When the signature is not `key`'s, or the format is newer than this version.
    pub fn verify(&self, key: &VerifyingKey) -> Result<Verified<Manifest>, ManifestError> {
        let signature = Signature::from_slice(&self.signature).map_err(ManifestError::Signature)?;
        key.verify(&message(&self.payload), &signature).map_err(ManifestError::Signature)?;
        let Payload::V1(manifest) = postcard::from_bytes(&self.payload).map_err(ManifestError::Format)?;
        Ok(Verified(manifest))
    }
}

fn message(payload: &[u8]) -> Vec<u8> {
    [CONTEXT, payload].concat()
}
