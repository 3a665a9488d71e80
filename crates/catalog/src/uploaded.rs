//! Files that administrators upload: what they are and what they say of themselves.
//!
//! What a file is, its content says and never its name. Everything in it is hostile: sizes are bounded before anything is
//! read, and a reader that gives up makes a refusal. Call it where a panic ends one task: the formats have many corners,
//! and not every library was made for files from strangers.

mod deb;
mod exe;
mod msi;
mod rpm;

use fettle_model::custom::FileFacts;
use fettle_model::installer::InstallerKind;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

/// Longest text of a file that is kept, in characters; what a person writes instead may be as long.
const MAX_TEXT: usize = 300;

/// Why a file cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// None of the kinds that are taken.
    #[error("it is no MSI package, program for Windows, deb or rpm")]
    Unknown,
    /// Of a kind that is taken, but not one to install.
    #[error("it is {0}")]
    NotForInstalling(&'static str),
    /// Of a kind that is taken, and broken.
    #[error("it begins like {kind} and cannot be read: {why}")]
    Damaged {
        /// What it begins like.
        kind: InstallerKind,
        /// What is wrong.
        why: String,
    },
    /// The file cannot be read at all.
    #[error("reading failed")]
    Read(#[from] std::io::Error),
}

/// Says what a file is.
///
/// # Errors
/// When it is nothing that can be installed, or broken.
pub fn inspect(path: &Path) -> Result<FileFacts, InspectError> {
    inspect_content(File::open(path)?)
}

/// As [`inspect`], for content that need not be a file.
///
/// # Errors
/// When it is nothing that can be installed, or broken.
pub fn inspect_content(mut file: impl Read + Seek) -> Result<FileFacts, InspectError> {
    let mut start = Vec::with_capacity(8);
    file.by_ref().take(8).read_to_end(&mut start)?;
    file.rewind()?;
    let (kind, facts) = match start.as_slice() {
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] => (InstallerKind::Msi, msi::facts(file)),
        [b'M', b'Z', ..] => (InstallerKind::Exe, exe::facts(file)),
        b"!<arch>\n" => (InstallerKind::Deb, deb::facts(file)),
        [0xED, 0xAB, 0xEE, 0xDB, ..] => (InstallerKind::Rpm, rpm::facts(file)),
        _ => return Err(InspectError::Unknown),
    };
    facts.map_err(|flaw| match flaw {
        Flaw::Damaged(why) => InspectError::Damaged { kind, why },
        Flaw::NotForInstalling(what) => InspectError::NotForInstalling(what),
    })
}

/// What a reader of one kind says of a file that it does not take.
enum Flaw {
    Damaged(String),
    NotForInstalling(&'static str),
}

impl Flaw {
    fn of(error: &dyn std::error::Error) -> Self {
        Self::damaged(&error.to_string())
    }

    fn damaged(why: &str) -> Self {
        Self::Damaged(line(why))
    }
}

/// A text as one line of bounded length, without characters that only move the cursor.
fn line(text: &str) -> String {
    let mut plain: String = text.trim().chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.truncate(plain.trim_end().len());
    plain
}
