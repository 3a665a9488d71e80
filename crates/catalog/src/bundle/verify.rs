//! Whose bundle a file is, and whether it is whole.

use super::archive::{Found, walk};
use super::manifest::FeedEntry;
use super::{BaseName, BundleError, BundleKey, FORMAT, MANIFEST, MAX_MANIFEST, Manifest, Occasion, SIGNATURE, Verdict};
use ed25519_dalek::Signature;
use fettle_model::digest::Sha256Digest;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::io::Read;

/// Bytes of a signature.
const SIGNATURE_SIZE: u64 = 64;

/// A bundle that somebody trusted signed, every byte of which is as they signed it. Only [`verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    manifest: Manifest,
    name: BaseName,
    key: BundleKey,
}

impl Signed {
    /// What it says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How it is named as what was imported last.
    #[must_use]
    pub fn name(&self) -> BaseName {
        self.name
    }

    /// The key that signed it.
    #[must_use]
    pub fn key(&self) -> BundleKey {
        self.key
    }

    /// Whether it can be imported after what was imported before.
    ///
    /// # Errors
    /// When it is too old, from the future, older than what is there, or holds changes since something else.
    pub fn fits(&self, occasion: Occasion) -> Result<Verdict, BundleError> {
        self.manifest.fits(self.name.manifest, occasion)
    }
}

/// Reads a bundle to its end: checks that one of `keys` signed its manifest, before anything else is looked at, and that its
/// members are exactly those that the manifest states. No record is read.
///
/// # Errors
/// When it is damaged, signed by nobody trusted, or says what cannot be right.
pub fn verify(file: impl Read, keys: &[BundleKey]) -> Result<Signed, BundleError> {
    let mut text = Vec::new();
    let mut signed: Option<Signed> = None;
    let mut members = 0;
    walk(file, &mut |mut found| {
        match (found.place, &signed) {
            (0, _) => text = found.read(MANIFEST, MAX_MANIFEST)?,
            (1, _) => signed = Some(read(&text, &found.read(SIGNATURE, SIGNATURE_SIZE)?, keys)?),
            (place, Some(signed)) => {
                let entry = signed.manifest.feeds.get(place - 2);
                measure(&mut found, entry.ok_or(BundleError::Damaged("it has more files than its manifest states"))?)?;
                members += 1;
            }
            (_, None) => return Err(BundleError::Signature),
        }
        Ok(())
    })?;
    let signed = signed.ok_or(BundleError::Damaged("it has no signature"))?;
    if members == signed.manifest.feeds.len() { Ok(signed) } else { Err(BundleError::Damaged("it lacks files that its manifest states")) }
}

fn read(text: &[u8], signature: &[u8], keys: &[BundleKey]) -> Result<Signed, BundleError> {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let signature = Signature::from_slice(signature).map_err(|_| BundleError::Damaged("its signature has another length"))?;
    let key = *keys.iter().find(|key| key.signed(text, &signature)).ok_or(BundleError::Signature)?;
    let head: Head = serde_json::from_slice(text).map_err(|_| BundleError::Manifest("it does not state its format"))?;
    if head.format > FORMAT {
        return Err(BundleError::Newer(head.format));
    }
    let manifest: Manifest = serde_json::from_slice(text).map_err(|_| BundleError::Manifest("it has not the form of one"))?;
    let manifest = manifest.check()?;
    let digest = Sha256Digest(Sha256::digest(text).into());
    Ok(Signed { name: BaseName { sequence: manifest.sequence, manifest: digest }, manifest, key })
}

/// Checks size and digest of a member.
fn measure(found: &mut Found<'_>, entry: &FeedEntry) -> Result<(), BundleError> {
    let member = &entry.member;
    found.is(&member.name, member.size)?;
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let count = found.data.read(&mut piece).map_err(BundleError::Read)?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        size = size.saturating_add(bytes.len() as u64);
    }
    if size != member.size {
        return Err(BundleError::member(&member.name, "it is cut short"));
    }
    if Sha256Digest(hash.finalize().into()) != member.sha256 {
        return Err(BundleError::member(&member.name, "it has another digest than the manifest states"));
    }
    Ok(())
}
