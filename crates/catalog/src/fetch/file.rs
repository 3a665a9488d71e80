//! Where fetched bytes go, and fetching from the file system (air-gapped imports).

use super::{FetchError, Fetched, Received, Validators};
use crate::feed::Location;
use fettle_model::digest::Sha256Digest;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use tokio::io::AsyncReadExt;

/// Bytes read from a file at a time.
const CHUNK: usize = 64 * 1024;

/// Takes bytes up to a limit and hashes them.
pub(crate) struct Sink {
    target: Target,
    limit: u64,
    length: u64,
    hash: Sha256,
}

enum Target {
    Memory(Vec<u8>),
    File(File),
}

/// Why a sink takes no more.
pub(crate) enum SinkError {
    TooLarge { limit: u64 },
    Io(std::io::Error),
}

impl SinkError {
    pub(super) fn from(self, url: &Location) -> FetchError {
        match self {
            Self::TooLarge { limit } => FetchError::TooLarge { url: url.to_string(), limit },
            Self::Io(source) => FetchError::Keep { url: url.to_string(), source },
        }
    }
}

impl Sink {
    /// Keeps the bytes in memory.
    pub(crate) fn memory(limit: u64) -> Self {
        Self::new(Target::Memory(Vec::new()), limit)
    }

    /// Writes the bytes to a file, which is emptied whenever a fetch begins anew.
    pub(crate) fn file(file: File, limit: u64) -> Self {
        Self::new(Target::File(file), limit)
    }

    fn new(target: Target, limit: u64) -> Self {
        Self { target, limit, length: 0, hash: Sha256::new() }
    }

    /// Bytes that are allowed.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn restart(&mut self) -> std::io::Result<()> {
        match &mut self.target {
            Target::Memory(bytes) => bytes.clear(),
            Target::File(file) => {
                file.set_len(0)?;
                file.seek(SeekFrom::Start(0))?;
            }
        }
        (self.length, self.hash) = (0, Sha256::new());
        Ok(())
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<u64, SinkError> {
        self.length = self.length.saturating_add(bytes.len() as u64);
        if self.length > self.limit {
            return Err(SinkError::TooLarge { limit: self.limit });
        }
        self.hash.update(bytes);
        match &mut self.target {
            Target::Memory(kept) => kept.extend_from_slice(bytes),
            Target::File(file) => file.write_all(bytes).map_err(SinkError::Io)?,
        }
        Ok(self.length)
    }

    /// How many bytes came since it began.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// How many bytes came, and their digest.
    pub(crate) fn measure(&self) -> (u64, Sha256Digest) {
        (self.length, Sha256Digest(self.hash.clone().finalize().into()))
    }

    /// The bytes of a sink in memory; empty for one that writes to a file.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self.target {
            Target::Memory(bytes) => bytes,
            Target::File(_) => Vec::new(),
        }
    }
}

/// Copies a file. Devices, pipes and folders are refused: reading them might never end.
pub(super) async fn fetch(path: &Path, url: &Location, sink: &mut Sink, received: Received<'_>) -> Result<Fetched, FetchError> {
    let fault = |source| FetchError::File { path: path.display().to_string(), source };
    sink.restart().map_err(|source| FetchError::Keep { url: url.to_string(), source })?;
    let metadata = tokio::fs::metadata(path).await.map_err(fault)?;
    if !metadata.is_file() {
        return Err(fault(std::io::Error::other("it is not a regular file")));
    }
    let mut file = tokio::fs::File::open(path).await.map_err(fault)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = file.read(&mut chunk).await.map_err(fault)?;
        let Some(bytes) = chunk.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return Ok(Fetched::Done(Validators::default()));
        };
        let so_far = sink.write(bytes).map_err(|error| error.from(url))?;
        received(so_far, Some(metadata.len()));
    }
}
