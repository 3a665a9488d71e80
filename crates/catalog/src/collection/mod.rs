//! Collections of small files: a folder, or an archive of one. Only names and bytes of the files that are wanted are
//! taken from them, within limits; nothing is written anywhere.

mod fetch;

pub(crate) use fetch::place;

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Which files of a collection are wanted, and how much of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// What they are, for people.
    pub(crate) what: &'static str,
    /// How their names end, in any case.
    pub(crate) ends: &'static [&'static str],
    /// Most of them.
    pub(crate) files: usize,
    /// Most bytes of one.
    pub(crate) bytes: u64,
    /// Most bytes of all.
    pub(crate) all: u64,
}

/// Most entries of any kind in an archive or a folder.
const MAX_ENTRIES: usize = 2_000_000;
/// Deepest folder: of manifests the letter, publisher, package with up to eight names, version, and what an archive puts above.
const MAX_DEPTH: usize = 24;
/// Longest name of a file in an archive.
const MAX_NAME: u64 = 16 * 1024;

/// Why a collection cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// Neither `.zip` nor `.tar.gz`.
    #[error("it is neither a .zip nor a .tar.gz archive")]
    Format,
    /// Too much of something.
    #[error("it has more than {limit} {what}")]
    TooMuch {
        /// The limit.
        limit: u64,
        /// What is counted.
        what: &'static str,
    },
    /// A damaged archive.
    #[error("the archive is damaged")]
    Damaged(#[source] std::io::Error),
    /// A folder or file cannot be read.
    #[error("{} cannot be read", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Called with the name and the bytes of each file. Of one that is too large come as many bytes as are wanted and one
/// more, so that reading it fails.
pub(crate) type Take<'a> = &'a mut dyn FnMut(&str, Vec<u8>);

/// Counts what comes.
struct Count {
    wanted: Wanted,
    entries: usize,
    files: usize,
}

impl Count {
    fn new(wanted: Wanted) -> Self {
        Self { wanted, entries: 0, files: 0 }
    }

    fn entry(&mut self) -> Result<(), CollectionError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES { Err(CollectionError::TooMuch { limit: MAX_ENTRIES as u64, what: "entries" }) } else { Ok(()) }
    }

    fn file(&mut self) -> Result<(), CollectionError> {
        self.files += 1;
        let Wanted { files, what, .. } = self.wanted;
        if self.files > files { Err(CollectionError::TooMuch { limit: files as u64, what }) } else { Ok(()) }
    }
}

impl Wanted {
    fn is(&self, name: &str) -> bool {
        let ends = |with: &&str| {
            name.len() > with.len()
                && name.as_bytes().iter().rev().zip(with.as_bytes().iter().rev()).all(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        self.ends.iter().any(ends)
    }
}

/// Reads a folder, or a file as an archive.
pub(crate) fn read(place: &Path, wanted: Wanted, take: Take<'_>) -> Result<(), CollectionError> {
    let fault = |source| CollectionError::File { path: place.to_owned(), source };
    if std::fs::metadata(place).map_err(fault)?.is_dir() {
        folder(place, wanted, take)
    } else {
        archive(File::open(place).map_err(fault)?, wanted, take)
    }
}

/// Reads all files of a folder and the folders in it, by name. Links are not followed.
fn folder(root: &Path, wanted: Wanted, take: Take<'_>) -> Result<(), CollectionError> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| CollectionError::File { path, source }
    };
    let mut count = Count::new(wanted);
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(fault(&folder))? {
            let entry = entry.map_err(fault(&folder))?;
            count.entry()?;
            names.push((entry.path(), entry.file_type().map_err(fault(&entry.path()))?));
        }
        names.sort_by(|a, b| b.0.cmp(&a.0));
        for (path, kind) in names {
            if kind.is_dir() && depth < MAX_DEPTH {
                open.push((path, depth + 1));
            } else if kind.is_file() && path.to_str().is_some_and(|path| wanted.is(path)) {
                count.file()?;
                let mut bytes = Vec::new();
                let file = File::open(&path).map_err(fault(&path))?;
                file.take(wanted.bytes + 1).read_to_end(&mut bytes).map_err(fault(&path))?;
                take(&path.strip_prefix(root).unwrap_or(&path).to_string_lossy(), bytes);
            }
        }
    }
    Ok(())
}

/// Reads all files of an archive.
fn archive(mut file: File, wanted: Wanted, take: Take<'_>) -> Result<(), CollectionError> {
    let mut magic = [0; 4];
    let read = file.read(&mut magic).and_then(|read| file.seek(SeekFrom::Start(0)).map(|_| read)).map_err(CollectionError::Damaged)?;
    match magic.get(..read) {
        Some([b'P', b'K', ..]) => zipped(file, wanted, take),
        Some([0x1f, 0x8b, ..]) => tarred(MultiGzDecoder::new(file).take(wanted.all), wanted, take),
        _ => Err(CollectionError::Format),
    }
}

fn zipped(file: File, wanted: Wanted, take: Take<'_>) -> Result<(), CollectionError> {
    let damaged = |error: zip::result::ZipError| CollectionError::Damaged(std::io::Error::other(error));
    let mut archive = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(damaged)?;
    let (mut count, mut unpacked) = (Count::new(wanted), 0);
    for number in 0..archive.len() {
        count.entry()?;
        let entry = archive.by_index(number).map_err(damaged)?;
        let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
        if !entry.is_file() || !wanted.is(&name) {
            continue;
        }
        count.file()?;
        let mut bytes = Vec::new();
        // The size that an archive states may be a lie: what is read is counted.
        entry.take(wanted.bytes + 1).read_to_end(&mut bytes).map_err(CollectionError::Damaged)?;
        unpacked += bytes.len() as u64;
        if unpacked > wanted.all {
            return Err(CollectionError::TooMuch { limit: wanted.all, what: "bytes" });
        }
        take(&name, bytes);
    }
    Ok(())
}

/// Entries are taken as they stand, since names that the library puts together itself could be of any length.
fn tarred(unpacked: impl Read, wanted: Wanted, take: Take<'_>) -> Result<(), CollectionError> {
    let mut archive = tar::Archive::new(unpacked);
    let mut count = Count::new(wanted);
    let mut long_name: Option<String> = None;
    for entry in archive.entries().map_err(CollectionError::Damaged)?.raw(true) {
        let mut entry = entry.map_err(CollectionError::Damaged)?;
        count.entry()?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            let mut bytes = Vec::new();
            entry.by_ref().take(MAX_NAME).read_to_end(&mut bytes).map_err(CollectionError::Damaged)?;
            long_name = if kind.is_gnu_longname() { text(&bytes) } else { pax_name(&bytes) };
            continue;
        }
        let own = entry.header().path().ok().and_then(|path| path.to_str().map(str::to_owned));
        let Some(name) = long_name.take().or(own).filter(|name| kind.is_file() && wanted.is(name)) else { continue };
        count.file()?;
        let mut bytes = Vec::new();
        entry.by_ref().take(wanted.bytes + 1).read_to_end(&mut bytes).map_err(CollectionError::Damaged)?;
        take(&name, bytes);
    }
    Ok(())
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(|text| text.trim_end_matches('\0').to_owned())
}

fn pax_name(bytes: &[u8]) -> Option<String> {
    let path = tar::PaxExtensions::new(bytes).filter_map(Result::ok).find(|extension| extension.key_bytes() == b"path");
    path.and_then(|extension| extension.value().ok().map(str::to_owned))
}
