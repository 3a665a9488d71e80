//! Documents that were read before, so that only new ones and new revisions are read again.

use super::document::Document;
use crate::error::SyncError;
use crate::sync::Fingerprint;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Part of every key: raise it when reading a document gives something else than before.
const READING: u32 = 1;
/// Longest line that tells of a document. An id has up to 500 letters.
const MAX_HEAD: u64 = 8192;

/// A folder with one file for each document that was read.
pub(super) struct Kept {
    folder: PathBuf,
}

/// What tells revisions of one document apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) published: Option<Timestamp>,
    /// The greater, the newer: when it was revised, number of the revision, vulnerabilities.
    pub(super) standing: (Option<Timestamp>, u32, usize),
}

impl Kept {
    pub(super) fn open(cache: &Path) -> Result<Self, SyncError> {
        let folder = cache.join("documents");
        std::fs::create_dir_all(&folder).map_err(SyncError::cache("making", &folder))?;
        Ok(Self { folder })
    }

    /// Names a document by what tells it from others.
    pub(super) fn key(parts: &[&[u8]]) -> String {
        let reading = READING.to_be_bytes();
        Fingerprint::of(std::iter::once(&reading[..]).chain(parts.iter().copied())).0
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }

    /// What tells it from its other revisions; `None` when it is not kept.
    pub(super) fn head(&self, key: &str) -> Option<Head> {
        let mut line = Vec::new();
        BufReader::new(File::open(self.path(key)).ok()?).take(MAX_HEAD).read_until(b'\n', &mut line).ok()?;
        serde_json::from_slice(&line).ok()
    }

    /// A document; `None` when it is not kept, or not whole.
    pub(super) fn get(&self, key: &str) -> Option<Document> {
        let bytes = std::fs::read(self.path(key)).ok()?;
        let (_, document) = bytes.split_at_checked(bytes.iter().position(|byte| *byte == b'\n')?)?;
        serde_json::from_slice(document).ok()
    }

    /// Keeps a document, whole or not at all: a line for its head, and itself.
    pub(super) fn put(&self, key: &str, document: &Document) -> Result<(), SyncError> {
        let failed = |source| SyncError::Cache { attempted: "writing", path: self.folder.clone(), source };
        let head = Head { id: document.id.clone(), published: document.published, standing: document.standing() };
        let mut bytes = serde_json::to_vec(&head).map_err(|error| failed(error.into()))?;
        bytes.push(b'\n');
        serde_json::to_writer(&mut bytes, document).map_err(|error| failed(error.into()))?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        file.write_all(&bytes).map_err(failed)?;
        file.persist(self.path(key)).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Removes what is not among `keys`. What cannot be removed stays, and does no harm.
    pub(super) fn prune(&self, keys: &BTreeSet<String>) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_wanted = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| keys.contains(stem));
            if !is_wanted && let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "an old document could not be removed");
            }
        }
    }
}
