//! The key that bundles are signed with, as text, and what is signed.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// Starts the text of a key.
const PREFIX: &str = "fettle-catalog:";
/// Binds a signature to its purpose, so that no other signed bytes can pass for a manifest of a bundle.
const CONTEXT: &[u8] = b"fettle catalog bundle 1\0";

/// The public half of an exporter's key: what an administrator trusts. As text it is `fettle-catalog:` and its 32 bytes
/// in the URL-safe base64 of RFC 4648 §5, without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BundleKey(VerifyingKey);

/// A text that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the key of a catalog: it starts with {PREFIX} and is what `fettle catalog key` prints on the exporting server")]
pub struct NotABundleKey;

/// Signs the exact bytes of a manifest.
#[must_use]
pub fn signature(manifest: &[u8], key: &SigningKey) -> [u8; 64] {
    key.sign(&message(manifest)).to_bytes()
}

fn message(manifest: &[u8]) -> Vec<u8> {
    [CONTEXT, manifest].concat()
}

impl BundleKey {
    /// The public half of a key.
    #[must_use]
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key())
    }

    /// Whether this key signed exactly these bytes.
    pub(super) fn signed(&self, manifest: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(&message(manifest), signature).is_ok()
    }
}

impl std::fmt::Display for BundleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PREFIX}{}", BASE64URL_NOPAD.encode(self.0.as_bytes()))
    }
}

impl std::str::FromStr for BundleKey {
    type Err = NotABundleKey;
    fn from_str(text: &str) -> Result<Self, NotABundleKey> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(NotABundleKey)?;
        let bytes = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| NotABundleKey)?;
        let key = VerifyingKey::try_from(bytes.as_slice()).map_err(|_| NotABundleKey)?;
        // A signature by a key of small order says nothing: many messages share it.
        if key.is_weak() { Err(NotABundleKey) } else { Ok(Self(key)) }
    }
}

impl TryFrom<String> for BundleKey {
    type Error = NotABundleKey;
    fn try_from(text: String) -> Result<Self, NotABundleKey> {
        text.parse()
    }
}

impl From<BundleKey> for String {
    fn from(key: BundleKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let key = BundleKey::of(&SigningKey::from_bytes(&[7; 32]));
        let text = key.to_string();
        assert_eq!(text.parse(), Ok(key));
        assert_eq!(format!(" {text}\n").parse(), Ok(key));
        for cut in 0..text.len() {
            assert_eq!(text[..cut].parse::<BundleKey>(), Err(NotABundleKey), "{cut}");
        }
    }

    #[test]
    fn keys_that_prove_nothing_are_refused() {
        // The neutral element of the group: its signatures fit any message.
        let weak = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&[&[1_u8][..], &[0; 31]].concat()));
        assert_eq!(weak.parse::<BundleKey>(), Err(NotABundleKey));
    }

    #[test]
    fn other_signed_bytes_are_no_manifest() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let bare = key.sign(b"{}");
        assert!(!BundleKey::of(&key).signed(b"{}", &bare));
        assert!(BundleKey::of(&key).signed(b"{}", &Signature::from_bytes(&signature(b"{}", &key))));
    }
}
