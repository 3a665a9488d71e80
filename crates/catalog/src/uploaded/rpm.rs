//! RPM packages, as far as their header goes.
//!
//! Read here and not by a library: those that read packages believe the sizes and places that a header states, and a
//! header from a stranger then ends the process. What is wanted are seven values of a fixed format (rpm's
//! `docs/manual/format_header.md`): a table of tags, and a store that they point into.

use super::{Flaw, line};
use fettle_model::custom::FileFacts;
use fettle_model::installer::InstallerKind;
use fettle_model::version::RpmVersion;
use std::io::{BufReader, Read};

/// Bytes of the lead that every package begins with; nothing but its first bytes means anything any more.
const LEAD: usize = 96;
/// Begins a header.
const MAGIC: [u8; 4] = [0x8E, 0xAD, 0xE8, 0x01];
/// Most tags of a header; rpm itself takes as many.
const MAX_TAGS: usize = 0xFFFF;
/// Most bytes of a header's store. rpm takes 256 MiB; packages with a hundred thousand files have some 30.
const MAX_STORE: usize = 64 * 1024 * 1024;

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const SUMMARY: u32 = 1004;
const VENDOR: u32 = 1011;
const ARCHITECTURE: u32 = 1022;
const SOURCE_RPM: u32 = 1044;

/// Types of values: a number of 32 bits; a text; several texts, of which the first counts.
const INT32: u32 = 4;
const TEXTS: [u32; 3] = [6, 8, 9];

struct Header {
    /// Tag, type, place in the store.
    tags: Vec<(u32, u32, usize)>,
    store: Vec<u8>,
}

impl Header {
    fn read(input: &mut impl Read) -> Result<Self, Flaw> {
        let mut intro = [0; 16];
        input.read_exact(&mut intro).map_err(|_| cut())?;
        if !intro.starts_with(&MAGIC) {
            return Err(Flaw::damaged("a header does not begin where it should"));
        }
        let (count, size) = (number(&intro, 8), number(&intro, 12));
        let (count, size) = (usize_of(count), usize_of(size));
        if count > MAX_TAGS || size > MAX_STORE {
            return Err(Flaw::damaged(&format!("a header states {count} tags and {size} bytes, which is more than any has")));
        }
        let index = exactly(input, count * 16)?;
        let tags = index.chunks_exact(16).map(|tag| (number(tag, 0), number(tag, 4), usize_of(number(tag, 8)))).collect();
        Ok(Self { tags, store: exactly(input, size)? })
    }

    fn value(&self, wanted: u32) -> Option<(u32, &[u8])> {
        let (_, kind, place) = self.tags.iter().find(|(tag, ..)| *tag == wanted)?;
        Some((*kind, self.store.get(*place..)?))
    }

    fn text(&self, wanted: u32) -> Option<String> {
        let (_, bytes) = self.value(wanted).filter(|(kind, _)| TEXTS.contains(kind))?;
        let end = bytes.iter().position(|&byte| byte == 0)?;
        bytes.get(..end).map(|text| line(&String::from_utf8_lossy(text)))
    }

    fn int(&self, wanted: u32) -> Option<u32> {
        let (_, bytes) = self.value(wanted).filter(|(kind, _)| *kind == INT32)?;
        bytes.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    }
}

pub(super) fn facts(file: impl Read) -> Result<FileFacts, Flaw> {
    let mut input = BufReader::new(file);
    exactly(&mut input, LEAD)?;
    let signature = Header::read(&mut input)?;
    // What comes next begins at a place that eight divides.
    exactly(&mut input, (8 - signature.store.len() % 8) % 8)?;
    let header = Header::read(&mut input)?;
    if header.text(SOURCE_RPM).is_none() {
        return Err(Flaw::NotForInstalling("a source package, which is built and not installed"));
    }
    let said = |tag: u32| header.text(tag).filter(|text| !text.is_empty());
    let (Some(name), Some(version), Some(release), Some(architecture)) = (said(NAME), said(VERSION), said(RELEASE), said(ARCHITECTURE))
    else {
        return Err(Flaw::damaged("it states no name, version, release or architecture"));
    };
    let version = format!("{}:{version}-{release}", header.int(EPOCH).unwrap_or(0));
    if RpmVersion::parse(&version).is_err() || name.contains(|c: char| c.is_whitespace() || c == '/') {
        return Err(Flaw::damaged("its name or version is none that rpm can compare"));
    }
    Ok(FileFacts {
        kind: InstallerKind::Rpm,
        name,
        version,
        publisher: said(VENDOR).unwrap_or_default(),
        architecture,
        summary: said(SUMMARY).unwrap_or_default(),
        product_code: String::new(),
        upgrade_code: String::new(),
    })
}

/// Reads so many bytes, and takes memory only for those that are there.
fn exactly(input: &mut impl Read, size: usize) -> Result<Vec<u8>, Flaw> {
    let mut bytes = Vec::new();
    input.take(size as u64).read_to_end(&mut bytes).map_err(|error| Flaw::of(&error))?;
    if bytes.len() == size { Ok(bytes) } else { Err(cut()) }
}

fn cut() -> Flaw {
    Flaw::damaged("it ends before its headers do")
}

/// The number at a place; what is too short holds none.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
