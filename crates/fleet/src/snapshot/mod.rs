//! The index as a file, for a quick restart.
//!
//! The file holds rows and no planes: what each asset is, what was found on it, which packages it has. What
//! follows from rows and the catalog is derived when it is loaded, so a catalog that changed meanwhile does no
//! harm. The file is a cache: whoever cannot load it builds the index from the store.
//!
//! ```text
//! header      magic, format, owner, checksum
//! dictionary  texts and tags by number, the tree of tags
//! system…     a kind of system and the packages seen on it
//! lists…      lists of packages, a megabyte at a time
//! segment…    the rows of one segment: columns of numbers, then cards and findings as they lie in memory
//! end         nothing; a file without it was cut
//! ```
//!
//! Each section has its length and checksum before it ([`section`]). Sections of one kind do not depend on each
//! other and are loaded by as many threads as the machine has ([`parallel`]), segments while a further thread reads the
//! next ones from the disk. Numbers are little-endian.
//!
//! Checksums tell damage. Beyond them nothing is believed that could lead outside of what is there: lengths are
//! bounded by the bytes that follow, columns by the segment's width, numbers of texts and lists by how many
//! there are.

pub(crate) mod cursor;
mod dictionary;
mod numbers;
pub(crate) mod parallel;
mod planes;
mod section;
mod segment;
mod software;

use crate::catalog::Catalog;
use crate::fleet::Fleet;
use crate::index::place::Places;
use crate::index::writer::{MOST_SEGMENTS, Writer};
use crate::software::{Chunk, SoftwareTable};
use crate::view::View;
use cursor::{Read, Wrong};
use section::{Kind, Section};
use segment::{Scratch, Shared};
use std::io;
use std::sync::Arc;

/// Whose index a file holds: the bytes of the installation's id.
pub type Owner = [u8; 16];

/// Why the index could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The bytes could not be written.
    #[error("could not write the snapshot of the index")]
    Write(#[from] io::Error),
    /// Tags or a kind of system could not be encoded.
    #[error("could not encode the snapshot of the index")]
    Encode(#[source] postcard::Error),
}

/// Why a file is no index that can be used. All mean the same for whoever loads: build it from the store.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes could not be read.
    #[error("could not read the snapshot of the index")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("this is no snapshot of an index")]
    Foreign,
    /// Another version of the program wrote it.
    #[error("the snapshot has format {found}, this version reads format {known}")]
    Format {
        /// What the file says.
        found: u32,
        /// What this version reads.
        known: u32,
    },
    /// It ends too early, or goes on behind its end.
    #[error("the snapshot has {len} bytes, which is not where it ends")]
    Length {
        /// Bytes of the file.
        len: u64,
    },
    /// A checksum is wrong.
    #[error("the snapshot is damaged in {0}")]
    Damaged(String),
    /// What was written makes no sense.
    #[error("the snapshot makes no sense in {section}: {what}")]
    Senseless {
        /// Where.
        section: String,
        /// What does not fit.
        what: &'static str,
    },
}

impl LoadError {
    fn senseless(section: &str) -> impl Fn(Wrong) -> Self + '_ {
        move |wrong| Self::Senseless { section: section.to_owned(), what: wrong.0 }
    }
}

impl View {
    /// Writes everything to `out`, which should have a buffer for small writes. Gives the number of bytes.
    ///
    /// What [`Fleet::seen`] notes meanwhile may be in it or not; nothing else changes in a view.
    ///
    /// # Errors
    /// When `out` refuses to take bytes.
    pub fn save(&self, owner: Owner, out: &mut impl io::Write) -> Result<u64, SaveError> {
        let mut out = section::Writer::begin(owner, out)?;
        let mut bytes = Vec::new();
        dictionary::write(self, &mut bytes).map_err(SaveError::Encode)?;
        out.section(Kind::Dictionary, &bytes)?;
        let saved = software::write(self, &mut out)?;
        for segment in self.segments.iter().filter(|segment| !segment.live.is_empty()) {
            bytes.clear();
            segment::write(segment, &|list| saved.number(list), &mut bytes);
            out.section(Kind::Segment, &bytes)?;
        }
        Ok(out.end()?)
    }
}

/// A file that looks like a snapshot, of which only the outline was read.
#[derive(Debug)]
pub struct Snapshot<R> {
    owner: Owner,
    sections: Vec<Section>,
    read: R,
}

impl<R: Fn(u64, &mut [u8]) -> io::Result<()> + Sync> Snapshot<R> {
    /// Looks at a file of `len` bytes. `read` fills a buffer from a place in the file; several threads call it.
    ///
    /// # Errors
    /// When the file is no complete snapshot of this version's format.
    pub fn open(len: u64, read: R) -> Result<Self, LoadError> {
        let (owner, sections) = section::outline(len, &read)?;
        Ok(Self { owner, sections, read })
    }

    /// Whose index it is.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The fleet that was saved, with counters and sets that follow from `catalog`. Its version starts anew.
    ///
    /// # Errors
    /// When the file is damaged, cannot be read, or holds what cannot be.
    pub fn load(&self, catalog: Arc<Catalog>) -> Result<Fleet, LoadError> {
        let [dictionary] = self.of(Kind::Dictionary)[..] else {
            return Err(LoadError::senseless("the outline")(Wrong("there is not one dictionary")));
        };
        let (dictionary, tags) = self.read(dictionary, &mut Vec::new(), dictionary::read)?;
        let software = Arc::new(self.software()?);
        let mut view = View::empty(catalog, Arc::clone(&software));
        view.segments = self.segments(&Shared { catalog: &view.catalog, dictionary: &dictionary, software: &software.all_lists() })?;
        view.dictionary = Arc::new(dictionary);
        let all = LoadError::senseless("all segments");
        view.places = Arc::new(Places::of(&view.segments).ok_or_else(|| all(Wrong("an asset has two rows")))?);
        let mut writer = Writer::of(&view);
        writer.put_tags(&mut view, tags);
        Ok(Fleet::of(view, writer))
    }

    fn segments(&self, shared: &Shared<'_>) -> Result<Vec<Arc<crate::index::segment::Segment>>, LoadError> {
        let sections = self.of(Kind::Segment);
        if sections.len() > MOST_SEGMENTS {
            return Err(LoadError::senseless("the outline")(Wrong("there are too many segments")));
        }
        let fetch = |section: &&Section, buffer: &mut Vec<u8>| self.fetch(section, buffer);
        parallel::each_fetched(&sections, fetch, Scratch::default, |scratch, &section, bytes| {
            is_sound(section, bytes)?;
            segment::read(bytes, shared, scratch).map(Arc::new).map_err(LoadError::senseless(&section.name()))
        })
    }

    fn software(&self) -> Result<SoftwareTable, LoadError> {
        let systems =
            parallel::each(&self.of(Kind::System), Vec::new, |buffer, &section| self.read(section, buffer, software::read_system))?;
        let chunks = parallel::each(
            &self.of(Kind::Lists),
            || (),
            |(), &section| {
                let mut bytes = Vec::new();
                self.fill(section, &mut bytes)?;
                Chunk::read(bytes).map_err(LoadError::senseless(&section.name()))
            },
        )?;
        SoftwareTable::restore(systems, chunks).map_err(LoadError::senseless("the lists of packages"))
    }

    fn of(&self, kind: Kind) -> Vec<&Section> {
        self.sections.iter().filter(|section| section.kind == kind).collect()
    }

    /// Fills a buffer with what a section holds, be it sound or not.
    fn fetch(&self, section: &Section, buffer: &mut Vec<u8>) -> Result<(), LoadError> {
        // The outline has shown that the file is long enough.
        let len = usize::try_from(section.len).unwrap_or(usize::MAX);
        buffer.resize(len, 0);
        Ok((self.read)(section.start, buffer)?)
    }

    fn fill(&self, section: &Section, buffer: &mut Vec<u8>) -> Result<(), LoadError> {
        self.fetch(section, buffer)?;
        is_sound(section, buffer)
    }

    fn read<T>(&self, section: &Section, buffer: &mut Vec<u8>, parse: impl FnOnce(&[u8]) -> Read<T>) -> Result<T, LoadError> {
        self.fill(section, buffer)?;
        parse(buffer).map_err(LoadError::senseless(&section.name()))
    }
}

fn is_sound(section: &Section, bytes: &[u8]) -> Result<(), LoadError> {
    if crc32fast::hash(bytes) == section.checksum { Ok(()) } else { Err(LoadError::Damaged(section.name())) }
}
