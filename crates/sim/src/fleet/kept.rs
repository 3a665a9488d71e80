//! What is kept of a machine between two runs of the simulation: one small file each.

use crate::platform::Deviation;
use anyhow::{Context, Result};
use fettle_agent::state::State;
use fettle_agent::state::identity::Identity;
use fettle_model::digest::Sha256Digest;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file's shape.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    identity: Option<Identity>,
    deviation: Deviation,
}

/// One machine's file, or memory when there is no folder.
pub(super) struct Kept {
    path: Option<PathBuf>,
    file: Mutex<File>,
}

impl Kept {
    /// Reads what was kept. An identity of another server's authority is of no use here: that machine starts anew.
    pub(super) fn open(folder: Option<&Path>, number: u32, authority: Sha256Digest) -> Result<Self> {
        let path = folder.map(|folder| folder.join(format!("machine-{number:05}.json")));
        let mut file = File::default();
        if let Some(path) = path.as_ref().filter(|path| path.exists()) {
            let text = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
            file = serde_json::from_slice(&text).with_context(|| format!("{} is damaged: remove it", path.display()))?;
            if file.identity.as_ref().is_some_and(|identity| authority_of(identity) != Some(authority)) {
                file = File::default();
            }
        }
        Ok(Self { path, file: Mutex::new(file) })
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        self.file().identity.clone()
    }

    pub(super) fn deviation(&self) -> Deviation {
        self.file().deviation.clone()
    }

    /// Keeps the identity that an agent has now, when it is a new one.
    pub(super) fn keep_identity(&self, state: &State) -> Result<()> {
        let now = state.identity().map(|identity| Identity::clone(&identity));
        let mut file = self.file();
        if file.identity == now {
            return Ok(());
        }
        file.identity = now;
        self.write(&file)
    }

    /// Keeps what has changed. A machine that cannot be kept only forgets it at the next start.
    pub(super) fn keep_deviation(&self, deviation: &Deviation) {
        let mut file = self.file();
        file.deviation.clone_from(deviation);
        if let Err(error) = self.write(&file) {
            tracing::warn!(error = %format!("{error:#}"), "a machine's packages could not be kept");
        }
    }

    fn file(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, file: &File) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let folder = path.parent().unwrap_or(Path::new("."));
        let whole = || -> Result<()> {
            std::fs::create_dir_all(folder)?;
            // A temporary file is readable by its owner only: it holds a private key.
            let mut scratch = tempfile::NamedTempFile::new_in(folder)?;
            scratch.write_all(&serde_json::to_vec(file)?)?;
            scratch.persist(path)?;
            Ok(())
        };
        whole().with_context(|| format!("could not write {}", path.display()))
    }
}

fn authority_of(identity: &Identity) -> Option<Sha256Digest> {
    let certificate = CertificateDer::from_pem_slice(identity.authority.as_bytes()).ok()?;
    Some(Sha256Digest(Sha256::digest(&certificate).into()))
}
