//! The one-time token that makes the first administrator.

use super::{AuthorityError, files};
use data_encoding::BASE32_NOPAD;
use fettle_model::clock::Entropy;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use subtle::ConstantTimeEq;

/// A token that works until the first administrator exists. A new one is made at each start; only its hash
/// is kept in memory. The command line reads it from `secrets/setup-token`.
#[derive(Debug)]
pub struct SetupToken {
    hash: Mutex<Option<[u8; 32]>>,
    file: PathBuf,
}

impl SetupToken {
    /// A token holder that refuses everything: an administrator exists.
    #[must_use]
    pub fn closed(secrets: &std::path::Path) -> Self {
        Self { hash: Mutex::new(None), file: secrets.join("setup-token") }
    }

    /// Makes a new token, writes it to the file and gives it back for the link.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open(&self, entropy: &dyn Entropy) -> Result<String, AuthorityError> {
        let mut bytes = [0; 20];
        entropy.fill(&mut bytes);
        let token = BASE32_NOPAD.encode(&bytes).to_lowercase();
        files::write(&self.file, &token)?;
        *self.held() = Some(Sha256::digest(token.as_bytes()).into());
        Ok(token)
    }

    /// Whether this is the token. It stays good until [`Self::close`], because making the user can still fail.
    #[must_use]
    pub fn accepts(&self, token: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(token.trim().as_bytes()).into();
        self.held().is_some_and(|hash| hash.ct_eq(&given).into())
    }

    /// Ends the token: the first administrator exists.
    ///
    /// # Errors
    /// When the file cannot be removed. The token is refused all the same.
    pub fn close(&self) -> Result<(), AuthorityError> {
        *self.held() = None;
        files::remove(&self.file)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<[u8; 32]>> {
        self.hash.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
