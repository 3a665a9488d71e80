//! Package indexes: fetching, checking and unpacking files whose size and hash a repository states.

mod error;

pub use error::IndexError;

use crate::error::SyncError;
use crate::feed::Location;
use crate::fetch::{FetchError, Fetched, Fetcher, Sink, Validators};
use crate::progress::{Progress, Step};
use crate::verified::Verified;
use fettle_model::digest::Sha256Digest;
use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::NamedTempFile;

/// Largest index as fetched; Debian's main has 9 MB.
const MAX_PACKED: u64 = 128 * 1024 * 1024;
/// Largest index unpacked; Debian's main has 50 MB.
const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;
/// Most memory for unpacking xz: its strongest level wants 65 MiB.
const XZ_MEMORY: u64 = 128 * 1024 * 1024;

/// Bytes between two reports of a download: people read them, and every one costs an event.
const TELL_EVERY: u64 = 512 * 1024;

/// Most memory for unpacking zstd, as a power of two: its strongest level wants 2²⁷ bytes.
const ZSTD_WINDOW: u32 = 27;

/// How an index is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Xz,
    Gzip,
    Zstd,
    Plain,
}

impl Packing {
    /// What the ending of a file's name says.
    pub(crate) fn of(name: &str) -> Self {
        [Self::Xz, Self::Gzip, Self::Zstd].into_iter().find(|packing| name.ends_with(packing.suffix())).unwrap_or(Self::Plain)
    }

    /// How names of files end.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Xz => ".xz",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Plain => "",
        }
    }
}

/// What a repository states of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    /// SHA-256.
    pub(crate) digest: Sha256Digest,
    /// Bytes.
    pub(crate) size: u64,
}

/// An index that a repository lists.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    /// For messages: `bookworm main amd64`.
    pub(crate) what: String,
    /// Where it may be, the best first.
    pub(crate) addresses: Vec<Location>,
    pub(crate) packing: Packing,
    pub(crate) packed: Stated,
    /// What it unpacks to; `None` when the repository does not say.
    pub(crate) plain: Option<Stated>,
}

impl Index {
    /// What stands for its content: the same digest, the same packages.
    pub(crate) fn content(&self) -> Sha256Digest {
        self.plain.unwrap_or(self.packed).digest
    }

    /// Name of the cached file.
    pub(crate) fn file_name(&self) -> String {
        format!("{}{}", self.packed.digest, self.packing.suffix())
    }
}

/// An index file whose size and hash are those that its repository states.
#[derive(Debug)]
pub(crate) struct IndexFile {
    file: File,
    index: Index,
}

/// Brings an index into the cache folder, if it is not there, and checks it.
pub(crate) async fn obtain(
    index: &Index,
    folder: &Path,
    fetcher: &Fetcher,
    progress: &dyn Progress,
) -> Result<Verified<IndexFile>, SyncError> {
    let refused = |source| SyncError::Index { what: index.what.clone(), source };
    announced(index).map_err(refused)?;
    let path = folder.join(index.file_name());
    if let Ok(file) = File::open(&path)
        && let Ok(verified) = check(file, index)
    {
        return Ok(verified);
    }
    let scratch = NamedTempFile::new_in(folder).map_err(SyncError::cache("making a file in", folder))?;
    let mut sink = Sink::file(scratch.reopen().map_err(SyncError::cache("opening", scratch.path()))?, index.packed.size);
    fetch(index, fetcher, progress, &mut sink).await.map_err(refused)?;
    let (size, digest) = sink.measure();
    compare(index.packed, size, digest).map_err(refused)?;
    let file = scratch.persist(&path).map_err(|error| SyncError::cache("keeping", &path)(error.error))?;
    Ok(Verified::checked(IndexFile { file, index: index.clone() }))
}

fn announced(index: &Index) -> Result<(), IndexError> {
    let plain = index.plain.map_or(0, |plain| plain.size);
    for (announced, limit) in [(index.packed.size, MAX_PACKED), (plain, MAX_UNPACKED)] {
        if announced > limit {
            return Err(IndexError::Announced { announced, limit });
        }
    }
    Ok(())
}

fn compare(stated: Stated, size: u64, digest: Sha256Digest) -> Result<(), IndexError> {
    if size != stated.size {
        return Err(IndexError::Size { expected: stated.size, got: size });
    }
    if digest != stated.digest {
        return Err(IndexError::Hash { expected: stated.digest, got: digest });
    }
    Ok(())
}

/// Checks a cached file, which may have been damaged since it was written.
fn check(mut file: File, index: &Index) -> Result<Verified<IndexFile>, IndexError> {
    let mut measured = Measured::new(&mut file, index.packed.size);
    std::io::copy(&mut measured, &mut std::io::sink()).map_err(IndexError::Unpack)?;
    let (size, digest) = measured.outcome();
    compare(index.packed, size, digest)?;
    Ok(Verified::checked(IndexFile { file, index: index.clone() }))
}

async fn fetch(index: &Index, fetcher: &Fetcher, progress: &dyn Progress, sink: &mut Sink) -> Result<(), IndexError> {
    let told = AtomicU64::new(0);
    let received = |received: u64, total: Option<u64>| {
        let before = told.load(Ordering::Relaxed);
        if received < before || received.saturating_sub(before) >= TELL_EVERY || Some(received) == total {
            told.store(received, Ordering::Relaxed);
            progress.report(&Step::Downloading { what: index.what.clone(), received, total: total.or(Some(index.packed.size)) });
        }
    };
    let mut fetched = Err(None);
    for address in &index.addresses {
        match fetcher.fetch(address, &Validators::default(), sink, &received).await {
            // A server that answers «not modified» to an unconditional question has nothing for us.
            Ok(Fetched::NotModified) => fetched = Err(None),
            Ok(Fetched::Done(_)) => return Ok(()),
            Err(error) if error.is_not_found() => fetched = Err(Some(error)),
            Err(error) => return Err(sized(error, index)),
        }
    }
    fetched.map_err(|error| error.map_or(IndexError::Size { expected: index.packed.size, got: 0 }, IndexError::Fetch))
}

/// More bytes than the stated size are a wrong size, whatever comes after them.
fn sized(error: FetchError, index: &Index) -> IndexError {
    match error {
        FetchError::TooLarge { .. } => IndexError::Longer { expected: index.packed.size },
        error => IndexError::Fetch(error),
    }
}

/// Unpacks an index while `read` reads it, and checks size and hash of what was unpacked.
pub(crate) fn unpack<T>(
    verified: Verified<IndexFile>,
    read: impl FnOnce(&mut dyn BufRead) -> Result<T, IndexError>,
) -> Result<T, IndexError> {
    let IndexFile { mut file, index } = verified.into_inner();
    file.seek(SeekFrom::Start(0)).map_err(IndexError::Unpack)?;
    let input = BufReader::with_capacity(256 * 1024, file);
    let stream: Box<dyn Read> = match index.packing {
        Packing::Xz => {
            let stream = Stream::new_stream_decoder(XZ_MEMORY, CONCATENATED);
            Box::new(XzDecoder::new_stream(input, stream.map_err(|error| IndexError::Unpack(error.into()))?))
        }
        Packing::Gzip => Box::new(MultiGzDecoder::new(input)),
        Packing::Zstd => {
            let mut stream = zstd::Decoder::with_buffer(input).map_err(IndexError::Unpack)?;
            stream.window_log_max(ZSTD_WINDOW).map_err(IndexError::Unpack)?;
            Box::new(stream)
        }
        Packing::Plain => Box::new(input),
    };
    let limit = index.plain.map_or(MAX_UNPACKED, |plain| plain.size);
    let mut measured = BufReader::with_capacity(256 * 1024, Measured::new(stream, limit));
    let outcome = read(&mut measured);
    // What is wrong with the unpacked bytes explains what is wrong with the entries, so it is told first.
    let rest = std::io::copy(&mut measured, &mut std::io::sink());
    let measured = measured.into_inner();
    if measured.length > limit {
        return Err(IndexError::Bomb { expected: limit });
    }
    rest.map_err(IndexError::Unpack)?;
    if let Some(plain) = index.plain {
        let (size, digest) = measured.outcome();
        compare(plain, size, digest)?;
    }
    outcome
}

/// Counts and hashes what is read, and ends after the limit.
struct Measured<R> {
    inner: R,
    length: u64,
    limit: u64,
    hash: Sha256,
}

impl<R: Read> Measured<R> {
    fn new(inner: R, limit: u64) -> Self {
        Self { inner, length: 0, limit, hash: Sha256::new() }
    }

    fn outcome(self) -> (u64, Sha256Digest) {
        (self.length, Sha256Digest(self.hash.finalize().into()))
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.length > self.limit {
            return Err(std::io::Error::other("it unpacks to more than its stated size"));
        }
        let count = self.inner.read(buffer)?;
        self.length = self.length.saturating_add(count as u64);
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Removes cached files that no index needs any more. Failing to is no harm.
pub(crate) fn prune(folder: &Path, wanted: &BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let stale = entries.flatten().filter(|entry| !wanted.contains(entry.file_name().to_string_lossy().as_ref()));
    for path in stale.map(|entry| entry.path()).collect::<Vec<PathBuf>>() {
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::debug!(path = %path.display(), %error, "a stale index could not be removed");
        }
    }
}
