//! Handing over what a verified bundle holds.

use super::archive::{Found, walk};
use super::manifest::FeedEntry;
use super::{BundleError, Line, MAX_LINE, Signed};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

/// Records handed over at a time: as many as the store writes in a few statements.
const AT_ONCE: usize = 1_000;

/// What comes of a bundle, in order.
#[derive(Debug)]
pub enum Piece<'a> {
    /// A feed; its records follow.
    Feed(&'a FeedEntry),
    /// Records of the feed that came last, each key once in a feed.
    Lines(Vec<Line>),
}

/// Reads the records of a bundle that was verified just now and hands them over. What was handed over counts only when this
/// ends well.
///
/// # Errors
/// When a record cannot be read, numbers are not those of the manifest, or `take` refuses.
pub fn contents(file: impl Read, signed: &Signed, take: &mut dyn FnMut(Piece<'_>) -> Result<(), BundleError>) -> Result<(), BundleError> {
    let feeds = &signed.manifest().feeds;
    walk(file, &mut |found| match found.place.checked_sub(2) {
        None => Ok(()),
        Some(place) => {
            let entry = feeds.get(place).ok_or(BundleError::Damaged("it has more files than its manifest states"))?;
            take(Piece::Feed(entry))?;
            records(found, entry, take)
        }
    })
}

fn records(found: Found<'_>, entry: &FeedEntry, take: &mut dyn FnMut(Piece<'_>) -> Result<(), BundleError>) -> Result<(), BundleError> {
    let name = &entry.member.name;
    found.is(name, entry.member.size)?;
    let mut input = BufReader::with_capacity(64 * 1024, found.data);
    let (mut keys, mut lines) = (HashSet::new(), Vec::with_capacity(AT_ONCE));
    let (mut written, mut gone) = (0_u64, 0_u64);
    let mut text = Vec::new();
    while next(&mut input, &mut text, name)? {
        let number = written + gone + 1;
        let line: Line = serde_json::from_slice(&text).map_err(|source| BundleError::Record { member: name.clone(), number, source })?;
        if !line.fits(entry.feed.carries) {
            return Err(BundleError::member(name, "it has a record that does not belong into such a feed"));
        }
        if !keys.insert(line.key().to_owned()) {
            return Err(BundleError::member(name, "it has a record twice"));
        }
        *(if line.is_gone() { &mut gone } else { &mut written }) += 1;
        lines.push(line);
        if lines.len() == AT_ONCE {
            take(Piece::Lines(std::mem::replace(&mut lines, Vec::with_capacity(AT_ONCE))))?;
        }
    }
    if !lines.is_empty() {
        take(Piece::Lines(lines))?;
    }
    if (written, gone) == (entry.written, entry.gone) { Ok(()) } else { Err(BundleError::member(name, "it has another number of records")) }
}

/// Reads the next line; `false` at the end.
fn next(input: &mut impl BufRead, text: &mut Vec<u8>, name: &str) -> Result<bool, BundleError> {
    text.clear();
    input.take(MAX_LINE as u64 + 1).read_until(b'\n', text).map_err(BundleError::Read)?;
    if text.is_empty() {
        return Ok(false);
    }
    if text.pop() == Some(b'\n') { Ok(true) } else { Err(BundleError::member(name, "it has a record without an end")) }
}
