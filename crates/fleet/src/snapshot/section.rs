//! The frame of a file: a header, and sections that say how long they are before they begin.

use super::{LoadError, Owner};
use std::io;

/// Begins every snapshot.
const MAGIC: [u8; 8] = *b"FETTLEIX";
/// Grows with every change of what is written. There is no reading of older formats: the store has everything.
const FORMAT: u32 = 2;
/// Bytes of the header: magic, format, owner, checksum.
const HEADER: usize = 32;
/// Bytes before each section: kind, place among the sections, length, its checksum, and the checksum of these.
const FRAME: usize = 24;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dictionary = 1,
    System = 2,
    Lists = 3,
    Segment = 4,
    End = 5,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Dictionary, Self::System, Self::Lists, Self::Segment, Self::End];

    fn of(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|&kind| kind as u32 == number)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Dictionary => "the dictionary",
            Self::System => "the packages of a system",
            Self::Lists => "lists of packages",
            Self::Segment => "a segment",
            Self::End => "the end",
        }
    }
}

/// Where a section lies.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) kind: Kind,
    pub(super) start: u64,
    pub(super) len: u64,
    pub(super) checksum: u32,
    /// Its place among the sections.
    place: usize,
}

impl Section {
    /// For people.
    pub(super) fn name(&self) -> String {
        format!("{} (section {})", self.kind.name(), self.place)
    }
}

/// Writes sections one behind the other.
pub(super) struct Writer<'a, W> {
    out: &'a mut W,
    sections: u32,
    bytes: u64,
}

impl<'a, W: io::Write> Writer<'a, W> {
    /// Writes the header.
    pub(super) fn begin(owner: Owner, out: &'a mut W) -> io::Result<Self> {
        let head = [&MAGIC[..], &FORMAT.to_le_bytes(), &owner].concat();
        out.write_all(&head)?;
        out.write_all(&crc32fast::hash(&head).to_le_bytes())?;
        Ok(Self { out, sections: 0, bytes: HEADER as u64 })
    }

    /// Writes a section.
    pub(super) fn section(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        let len = bytes.len() as u64;
        let frame = [(kind as u32).to_le_bytes(), self.sections.to_le_bytes()].concat();
        let frame = [&frame, &len.to_le_bytes()[..], &crc32fast::hash(bytes).to_le_bytes()].concat();
        self.out.write_all(&frame)?;
        self.out.write_all(&crc32fast::hash(&frame).to_le_bytes())?;
        self.out.write_all(bytes)?;
        self.sections += 1;
        self.bytes += FRAME as u64 + len;
        Ok(())
    }

    /// Writes the end. Gives how many bytes there are.
    pub(super) fn end(mut self) -> io::Result<u64> {
        self.section(Kind::End, &[])?;
        self.out.flush()?;
        Ok(self.bytes)
    }
}

/// Reads the header and finds all sections but the end.
pub(super) fn outline(len: u64, read: &impl Fn(u64, &mut [u8]) -> io::Result<()>) -> Result<(Owner, Vec<Section>), LoadError> {
    let owner = header(len, read)?;
    let mut sections = Vec::new();
    let mut at = HEADER as u64;
    loop {
        let section = frame(at, len, sections.len(), read)?;
        at = section.start + section.len;
        if section.kind == Kind::End {
            return if at == len { Ok((owner, sections)) } else { Err(LoadError::Length { len }) };
        }
        sections.push(section);
    }
}

fn header(len: u64, read: &impl Fn(u64, &mut [u8]) -> io::Result<()>) -> Result<Owner, LoadError> {
    if len < HEADER as u64 {
        return Err(LoadError::Foreign);
    }
    let mut head = [0; HEADER];
    read(0, &mut head)?;
    let (magic, rest) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(LoadError::Foreign);
    }
    let (format, rest) = rest.split_first_chunk().ok_or(LoadError::Foreign)?;
    let (owner, rest) = rest.split_first_chunk().ok_or(LoadError::Foreign)?;
    let found = u32::from_le_bytes(*format);
    if found != FORMAT {
        return Err(LoadError::Format { found, known: FORMAT });
    }
    is_sound(&head, rest).then_some(*owner).ok_or_else(|| LoadError::Damaged("the header".to_owned()))
}

fn frame(at: u64, len: u64, place: usize, read: &impl Fn(u64, &mut [u8]) -> io::Result<()>) -> Result<Section, LoadError> {
    let start = at.checked_add(FRAME as u64).filter(|&start| start <= len).ok_or(LoadError::Length { len })?;
    let mut bytes = [0; FRAME];
    read(at, &mut bytes)?;
    let damaged = || LoadError::Damaged(format!("what says how long section {place} is"));
    let (kind, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    let (there, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (checksum, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let kind = Kind::of(u32::from_le_bytes(*kind)).ok_or_else(damaged)?;
    if !is_sound(&bytes, rest) || u64::from(u32::from_le_bytes(*there)) != place as u64 {
        return Err(damaged());
    }
    let section = Section { kind, start, len: u64::from_le_bytes(*length), checksum: u32::from_le_bytes(*checksum), place };
    let end = start.checked_add(section.len).filter(|&end| end <= len);
    end.map(|_| section).ok_or(LoadError::Length { len })
}

/// Whether the last bytes are the checksum of those before.
fn is_sound(bytes: &[u8], checksum: &[u8]) -> bool {
    let before = bytes.split_at(bytes.len() - checksum.len()).0;
    crc32fast::hash(before).to_le_bytes() == checksum
}
