//! Making a bundle.

use super::held::{HeldFeed, Mark, mark};
use super::manifest::{Exporter, FeedEntry, FeedHead, Manifest, Member};
use super::{
    Base, BaseName, BundleError, FORMAT, Held, Line, MANIFEST, MAX_CONTENTS, MAX_FEEDS, MAX_LINE, MAX_MANIFEST, MAX_MEMBER, MAX_RECORDS,
    SIGNATURE, member_name,
};
use fettle_model::digest::Sha256Digest;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// How strongly bundles are packed: the patches of a distribution shrink to a tenth within seconds.
const LEVEL: i32 = 9;

/// Takes the records of a catalog, feed by feed.
#[derive(Debug)]
pub struct Writer {
    base: Option<Base>,
    /// The members, one behind the other: the archive begins with their digests, so they are made first.
    parts: BufWriter<File>,
    feeds: Vec<FeedEntry>,
    contents: u64,
    held: Held,
}

/// A feed whose records come.
#[derive(Debug)]
struct Open {
    head: FeedHead,
    /// What the base held of it; `None` makes its member whole.
    before: Option<BTreeMap<String, Mark>>,
    records: BTreeMap<String, Mark>,
    hash: Sha256,
    size: u64,
    written: u64,
}

/// A bundle that was made.
#[derive(Debug)]
pub struct Written {
    /// What it says of itself.
    pub manifest: Manifest,
    /// How later exports name it.
    pub name: BaseName,
    /// What the catalog held, for deltas that follow.
    pub held: Held,
}

/// Takes the records of one feed.
#[derive(Debug)]
pub struct FeedWriter {
    writer: Writer,
    open: Open,
}

impl Writer {
    /// A writer that keeps members in `scratch`, an empty file that can be read, until they are put together. With a base,
    /// only what changed since is written.
    #[must_use]
    pub fn new(scratch: File, base: Option<Base>) -> Self {
        Self { base, parts: BufWriter::with_capacity(256 * 1024, scratch), feeds: Vec::new(), contents: 0, held: Held::default() }
    }

    /// Begins the next feed.
    ///
    /// # Errors
    /// When there are too many.
    pub fn feed(mut self, head: FeedHead) -> Result<FeedWriter, BundleError> {
        if self.feeds.len() >= MAX_FEEDS {
            return Err(BundleError::TooLarge { what: "feeds", limit: MAX_FEEDS as u64 });
        }
        // A feed that carries something else now has nothing in common with what it was.
        let before = self.base.as_mut().and_then(|base| base.held.0.remove(&head.id));
        let before = before.filter(|before| before.carries == head.carries).map(|before| before.records);
        let open = Open { head, before, records: BTreeMap::new(), hash: Sha256::new(), size: 0, written: 0 };
        Ok(FeedWriter { writer: self, open })
    }

    /// Puts the bundle together and writes it, signed, into `out`.
    ///
    /// # Errors
    /// When it is too large, or cannot be written.
    pub fn finish(
        self,
        exporter: Exporter,
        sequence: u64,
        valid: (Timestamp, Timestamp),
        sign: &dyn Fn(&[u8]) -> [u8; 64],
        out: &mut File,
    ) -> Result<Written, BundleError> {
        let base = self.base.map(|base| base.name);
        let manifest = Manifest { format: FORMAT, exporter, sequence, created: valid.0, expires: valid.1, base, feeds: self.feeds };
        let manifest = manifest.check()?;
        let (bytes, digest) = encode(&manifest)?;
        let mut parts = self.parts.into_inner().map_err(|error| BundleError::Write(error.into_error()))?;
        parts.seek(SeekFrom::Start(0)).map_err(BundleError::Write)?;
        archive(&manifest, &bytes, &sign(&bytes), parts, out).map_err(BundleError::Write)?;
        Ok(Written { manifest, name: BaseName { sequence, manifest: digest }, held: self.held })
    }
}

impl FeedWriter {
    /// Takes a record that the feed carries. Each key comes once.
    ///
    /// # Errors
    /// When it does not belong into such a feed, there are too many, or the disk is full.
    pub fn put(&mut self, line: &Line) -> Result<(), BundleError> {
        if !line.fits(self.open.head.carries) || line.is_gone() {
            return Err(BundleError::Manifest("a feed has a record of another kind"));
        }
        let bytes = serde_json::to_vec(line).map_err(|error| BundleError::Write(error.into()))?;
        let mark = mark(&bytes);
        if self.open.records.insert(line.key().to_owned(), mark).is_some() {
            return Err(BundleError::Manifest("a feed has a record twice"));
        }
        if self.open.records.len() as u64 > MAX_RECORDS {
            return Err(BundleError::TooLarge { what: "records in one feed", limit: MAX_RECORDS });
        }
        // What is left at the end was not put again: it is gone.
        let before = self.open.before.as_mut().and_then(|before| before.remove(line.key()));
        if before == Some(mark) {
            return Ok(());
        }
        self.open.written += 1;
        self.write(bytes)
    }

    /// Ends the feed.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn end(mut self) -> Result<Writer, BundleError> {
        let left = self.open.before.take();
        let whole = left.is_none();
        let left = left.unwrap_or_default();
        let gone = left.len() as u64;
        for key in left.into_keys() {
            let line = Line::gone(self.open.head.carries, key);
            self.write(serde_json::to_vec(&line).map_err(|error| BundleError::Write(error.into()))?)?;
        }
        let Self { mut writer, open } = self;
        let sha256 = Sha256Digest(open.hash.finalize().into());
        let member = Member { name: member_name(writer.feeds.len()), size: open.size, sha256 };
        let total = open.records.len() as u64;
        writer.held.0.insert(open.head.id, HeldFeed { carries: open.head.carries, records: open.records });
        writer.feeds.push(FeedEntry { feed: open.head, whole, member, written: open.written, gone, total });
        Ok(writer)
    }

    fn write(&mut self, mut line: Vec<u8>) -> Result<(), BundleError> {
        if line.len() > MAX_LINE {
            return Err(BundleError::TooLarge { what: "bytes in one record", limit: MAX_LINE as u64 });
        }
        line.push(b'\n');
        self.open.size += line.len() as u64;
        self.writer.contents += line.len() as u64;
        if self.open.size > MAX_MEMBER {
            return Err(BundleError::TooLarge { what: "bytes in one feed", limit: MAX_MEMBER });
        }
        if self.writer.contents > MAX_CONTENTS {
            return Err(BundleError::TooLarge { what: "bytes", limit: MAX_CONTENTS });
        }
        self.open.hash.update(&line);
        self.writer.parts.write_all(&line).map_err(BundleError::Write)
    }
}

/// The bytes of a manifest and their digest.
fn encode(manifest: &Manifest) -> Result<(Vec<u8>, Sha256Digest), BundleError> {
    let bytes = serde_json::to_vec_pretty(manifest).map_err(|error| BundleError::Write(error.into()))?;
    if bytes.len() as u64 > MAX_MANIFEST {
        return Err(BundleError::TooLarge { what: "bytes in its manifest", limit: MAX_MANIFEST });
    }
    let digest = Sha256Digest(Sha256::digest(&bytes).into());
    Ok((bytes, digest))
}

fn archive(manifest: &Manifest, bytes: &[u8], signature: &[u8], parts: File, out: &mut File) -> std::io::Result<()> {
    let mut packed = zstd::Encoder::new(BufWriter::with_capacity(256 * 1024, out), LEVEL)?;
    packed.include_checksum(true)?;
    let mut archive = tar::Builder::new(packed);
    let modified = u64::try_from(manifest.created.as_second()).unwrap_or(0);
    let mut member = |name: &str, size: u64, data: &mut dyn Read| {
        let mut header = tar::Header::new_ustar();
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(modified);
        header.set_entry_type(tar::EntryType::Regular);
        archive.append_data(&mut header, name, data)
    };
    member(MANIFEST, bytes.len() as u64, &mut &*bytes)?;
    member(SIGNATURE, signature.len() as u64, &mut &*signature)?;
    let mut parts = BufReader::with_capacity(256 * 1024, parts);
    for FeedEntry { member: Member { name, size, .. }, .. } in &manifest.feeds {
        member(name, *size, &mut parts.by_ref().take(*size))?;
    }
    archive.into_inner()?.finish()?.flush()
}
