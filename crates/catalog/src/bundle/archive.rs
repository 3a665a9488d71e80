//! Walking through the archive, without believing what it says.

use super::{BundleError, WINDOW};
use std::io::{BufRead, BufReader, Read};

/// Most zeros behind the last member: tar fills its last record up to ten kilobytes.
const MAX_END: u64 = 64 * 1024;
/// Longest name that is told in a message.
const TOLD: usize = 60;

/// A member, with as much as it says of itself.
pub(super) struct Found<'a> {
    /// How many came before it.
    pub(super) place: usize,
    /// Its name; never to be used as a path.
    pub(super) name: &'a str,
    /// Bytes that it says it has.
    pub(super) size: u64,
    /// These bytes; they end earlier when the archive does.
    pub(super) data: &'a mut dyn Read,
}

/// Calls `each` with every member and ends at the end of the file, where nothing may follow. `each` refuses what is too large
/// before it returns: what it leaves unread is unpacked to be passed over.
pub(super) fn walk(file: impl Read, each: &mut dyn FnMut(Found<'_>) -> Result<(), BundleError>) -> Result<(), BundleError> {
    let mut packed = zstd::Decoder::with_buffer(BufReader::with_capacity(256 * 1024, file)).map_err(BundleError::Read)?.single_frame();
    packed.window_log_max(WINDOW).map_err(BundleError::Read)?;
    let mut archive = tar::Archive::new(packed);
    // Raw: names and extensions that the library would put together itself could be of any length.
    for (place, entry) in archive.entries().map_err(BundleError::Read)?.raw(true).enumerate() {
        let mut entry = entry.map_err(BundleError::Read)?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(BundleError::Damaged("it has something else than files"));
        }
        let name = entry.header().path_bytes().into_owned();
        let name = std::str::from_utf8(&name).map_err(|_| BundleError::Damaged("it has a file without a proper name"))?;
        let size = entry.size();
        each(Found { place, name, size, data: &mut entry })?;
    }
    let mut packed = archive.into_inner();
    let mut end = Vec::new();
    packed.by_ref().take(MAX_END + 1).read_to_end(&mut end).map_err(BundleError::Read)?;
    let mut file = packed.finish();
    let is_over = file.fill_buf().map_err(BundleError::Read)?.is_empty();
    if end.len() as u64 > MAX_END || end.iter().any(|&byte| byte != 0) || !is_over {
        return Err(BundleError::Damaged("something follows its end"));
    }
    Ok(())
}

impl Found<'_> {
    /// Refuses a member that is not the one that has to come here.
    pub(super) fn is(&self, name: &str, size: u64) -> Result<(), BundleError> {
        if self.name != name {
            let told: String = self.name.chars().take(TOLD).collect();
            return Err(BundleError::member(&told, "it does not belong into it, or not there"));
        }
        if self.size != size { Err(BundleError::member(name, "it has another size than the manifest states")) } else { Ok(()) }
    }

    /// Reads a small member that has to come here.
    pub(super) fn read(self, name: &str, limit: u64) -> Result<Vec<u8>, BundleError> {
        self.is(name, self.size)?;
        if self.size > limit {
            return Err(BundleError::member(name, "it is too large"));
        }
        let mut bytes = Vec::new();
        self.data.take(limit).read_to_end(&mut bytes).map_err(BundleError::Read)?;
        if bytes.len() as u64 == self.size { Ok(bytes) } else { Err(BundleError::member(name, "it is cut short")) }
    }
}
