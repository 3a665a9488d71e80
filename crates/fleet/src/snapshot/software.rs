//! Packages and lists of packages.

use super::SaveError;
use super::cursor::{Cursor, Read, Wrong};
use super::section::{Kind, Writer};
use crate::software::{Packages, SavedLists, SystemKey};
use crate::view::View;
use std::io;

/// Writes the systems of a view's table and the lists that its rows have. Others are not worth keeping.
pub(super) fn write(view: &View, out: &mut Writer<'_, impl io::Write>) -> Result<SavedLists, SaveError> {
    let table = view.software();
    let mut bytes = Vec::new();
    for system in table.systems() {
        bytes.clear();
        let SystemKey { platform, release, native } = &system.key;
        bytes.extend(postcard::to_stdvec(&(platform, release, native)).map_err(SaveError::Encode)?);
        bytes.splice(0..0, u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        system.packages().write(&mut bytes);
        out.section(Kind::System, &bytes)?;
    }
    let rows = view.segments.iter().flat_map(|segment| segment.live.iter().filter_map(|row| segment.software.get(row)));
    let saved = table.lists().saved(rows);
    let mut from = 0;
    while from < saved.len() {
        bytes.clear();
        // Let go between two chunks, so that nobody waits for a disk to add a list. What the rows have stays.
        from = table.lists().write(&saved, from, &mut bytes);
        out.section(Kind::Lists, &bytes)?;
    }
    Ok(saved)
}

/// Reads a kind of system.
pub(super) fn read_system(bytes: &[u8]) -> Read<(SystemKey, Packages)> {
    let mut from = Cursor::new(bytes);
    let len = from.size()?;
    let key = postcard::from_bytes(from.bytes(len)?).map_err(|_| Wrong("the kind of system cannot be read"))?;
    let (platform, release, native) = key;
    let packages = Packages::read(&mut from)?;
    from.end()?;
    Ok((SystemKey { platform, release, native }, packages))
}
