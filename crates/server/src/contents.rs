//! Files that administrators uploaded: in the data folder, each under its digest.
//!
//! A file is written into `incoming`, looked at, and moved to its name only when it is whole, has the
//! digest that was stated, and is something that can be installed. What a killed server left in `incoming` goes at the next
//! start; what was uploaded and never became a patch goes after a day.

use axum::body::Bytes;
use fettle_catalog::{InspectError, inspect};
use fettle_model::custom::FileFacts;
use fettle_model::digest::Sha256Digest;
use fettle_store::{Store, StoreError};
use futures::{Stream, StreamExt};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Mutex, MutexGuard, Semaphore};

/// Uploads at once: each writes to the disk that the database is on, too.
const UPLOADS: usize = 4;
/// Longest silence within an upload. A client that says nothing for a minute is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// How long an uploaded file waits to become a patch: people look something up, or go home.
const WAITS: Duration = Duration::from_secs(24 * 3600);

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Too many others are being uploaded.
    #[error("{UPLOADS} other files are being uploaded")]
    Busy,
    /// Larger than allowed.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// What came does not have the digest that was stated.
    #[error("what arrived has the digest {got}")]
    OtherDigest {
        /// Digest of what came.
        got: Sha256Digest,
    },
    /// The connection ended before the file did, or fell silent.
    #[error("the connection ended before the whole file arrived")]
    Cut,
    /// It is nothing that can be installed.
    #[error(transparent)]
    Refused(#[from] InspectError),
    /// Whatever reads such files gave up on it.
    #[error("it is damaged in a way that nothing can read")]
    Unreadable,
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// The disk failed.
    #[error("could not write an uploaded file")]
    Disk(#[source] std::io::Error),
}

impl From<std::io::Error> for UploadError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Disk(error),
        }
    }
}

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its digest.
    pub sha256: Sha256Digest,
    /// Bytes.
    pub size: u64,
    /// What it says of itself.
    pub facts: FileFacts,
}

/// The folder of uploaded files.
#[derive(Debug)]
pub struct Contents {
    folder: PathBuf,
    limit: u64,
    uploads: Semaphore,
    /// Held while a patch is made of a file, or files are removed, so that no file goes that just became needed.
    needed: Mutex<()>,
}

impl Contents {
    /// Prepares the folder, and removes what uploads that never ended left in it. The caller has the data folder's lock.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: PathBuf, limit: u64) -> std::io::Result<Self> {
        let incoming = folder.join("incoming");
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&incoming)?;
        for left in std::fs::read_dir(&incoming)? {
            std::fs::remove_file(left?.path())?;
        }
        Ok(Self { folder, limit, uploads: Semaphore::new(UPLOADS), needed: Mutex::new(()) })
    }

    /// Where a file is, whether it is there or not.
    #[must_use]
    pub fn path(&self, sha256: Sha256Digest) -> PathBuf {
        self.folder.join(sha256.to_string())
    }

    /// Takes a file from a client. It is there when this returns, and nothing is there when it fails.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn receive<E>(
        &self,
        stated: Sha256Digest,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Content, UploadError> {
        let _place = self.uploads.try_acquire().map_err(|_| UploadError::Busy)?;
        let (path, size) = self.write(stated, body).await?;
        let facts = facts(path.to_path_buf()).await?;
        let (to, folder) = (self.path(stated), self.folder.clone());
        tokio::task::spawn_blocking(move || {
            path.persist(to).map_err(|error| error.error)?;
            // The new name is durable when its folder is.
            std::fs::File::open(folder)?.sync_all()
        })
        .await
        .map_err(|_| UploadError::Unreadable)??;
        Ok(Content { sha256: stated, size, facts })
    }

    /// Writes what comes into a file without a name, which goes when it is dropped.
    async fn write<E>(
        &self,
        stated: Sha256Digest,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(TempPath, u64), UploadError> {
        let (file, path) = tempfile::NamedTempFile::new_in(self.folder.join("incoming"))?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let (mut hash, mut size) = (Sha256::new(), 0_u64);
        while let Some(piece) = tokio::time::timeout(SILENCE, body.next()).await.map_err(|_| UploadError::Cut)? {
            let piece = piece.map_err(|_| UploadError::Cut)?;
            size = size.saturating_add(piece.len() as u64);
            if size > self.limit {
                return Err(UploadError::TooLarge { limit: self.limit });
            }
            hash.update(&piece);
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        let got = Sha256Digest(hash.finalize().into());
        if got == stated { Ok((path, size)) } else { Err(UploadError::OtherDigest { got }) }
    }

    /// A file that is there; `None` when it is not.
    ///
    /// # Errors
    /// When the disk fails, or what is there cannot be read any more.
    pub async fn find(&self, sha256: Sha256Digest) -> Result<Option<Content>, UploadError> {
        let path = self.path(sha256);
        let size = match tokio::fs::metadata(&path).await {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(Content { sha256, size, facts: facts(path).await? }))
    }

    /// Holds back the removal of files until it is dropped.
    pub async fn hold(&self) -> MutexGuard<'_, ()> {
        self.needed.lock().await
    }

    /// Removes files that no patch has and that have waited long enough to become one. One that cannot be removed is
    /// named in the log and left for the next time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let _held = self.hold().await;
        let used = store.custom_contents().await?;
        let folder = self.folder.clone();
        let swept =
            tokio::task::spawn_blocking(move || sweep(&folder, now.into(), |name| used.iter().any(|used| used.to_string() == name))).await;
        match swept {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "could not look for uploaded files that nobody needs"),
            Err(error) => tracing::warn!(%error, "the search for uploaded files that nobody needs was cut off"),
        }
        Ok(())
    }

    /// Removes a file that no patch has any more.
    pub async fn remove(&self, sha256: Sha256Digest) {
        match tokio::fs::remove_file(self.path(sha256)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, %sha256, "could not remove an uploaded file; it is tried again at the next start");
            }
            _ => {}
        }
    }
}

fn sweep(folder: &Path, now: SystemTime, is_used: impl Fn(&str) -> bool) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let waited = now.duration_since(metadata.modified()?).unwrap_or_default();
        if metadata.is_file() && waited > WAITS && !entry.file_name().to_str().is_some_and(&is_used) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Looks at a file where a panic of whatever reads it ends nothing else.
async fn facts(path: PathBuf) -> Result<FileFacts, UploadError> {
    match tokio::task::spawn_blocking(move || inspect(&path)).await {
        Ok(facts) => Ok(facts?),
        Err(error) => {
            tracing::warn!(%error, "an uploaded file could not be read");
            Err(UploadError::Unreadable)
        }
    }
}
