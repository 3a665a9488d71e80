//! Activation keys as text: what an installer carries to enrol.

use data_encoding::BASE32_NOPAD;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::KeyId;
use uuid::Uuid;

/// An activation key in clear: which key, its secret, and the server it trusts.
///
/// As text it is `fk1-` and base32 of id (16 bytes), secret (20 bytes) and the SHA-256 fingerprint of the
/// server's certificate authority (32 bytes): the first connection is verified too.
#[derive(Clone, PartialEq, Eq)]
pub struct ActivationKey {
    /// Which key.
    pub id: KeyId,
    /// 160 random bits. Stored only as a hash on the server.
    pub secret: [u8; 20],
    /// SHA-256 of the DER certificate of the server's certificate authority.
    pub authority: Sha256Digest,
}

const PREFIX: &str = "fk1-";

/// A text that is not an activation key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not an activation key: it must start with fk1- and be copied whole")]
pub struct NotAKey;

impl std::fmt::Display for ActivationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = [self.id.0.as_bytes().as_slice(), &self.secret, &self.authority.0].concat();
        write!(f, "{PREFIX}{}", BASE32_NOPAD.encode(&bytes).to_lowercase())
    }
}

impl std::fmt::Debug for ActivationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ActivationKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::str::FromStr for ActivationKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(NotAKey)?;
        let bytes = BASE32_NOPAD.decode(body.to_uppercase().as_bytes()).map_err(|_| NotAKey)?;
        let (id, rest) = bytes.split_first_chunk::<16>().ok_or(NotAKey)?;
        let (secret, rest) = rest.split_first_chunk::<20>().ok_or(NotAKey)?;
        let authority: [u8; 32] = rest.try_into().map_err(|_| NotAKey)?;
        Ok(Self { id: KeyId(Uuid::from_bytes(*id)), secret: *secret, authority: Sha256Digest(authority) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ActivationKey {
        ActivationKey { id: KeyId(Uuid::from_u128(5)), secret: [7; 20], authority: Sha256Digest([9; 32]) }
    }

    #[test]
    fn text_and_back() {
        assert_eq!(key().to_string().parse(), Ok(key()));
        assert_eq!(format!(" {} \n", key()).parse(), Ok(key()));
    }

    #[test]
    fn half_a_key_is_refused() {
        let text = key().to_string();
        for cut in 0..text.len() {
            assert_eq!(text[..cut].parse::<ActivationKey>(), Err(NotAKey));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", key()).contains('7'));
    }
}
