//! Files of a feed's cache.

use crate::error::SyncError;
use std::io::Write;
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a file of the cache whole or not at all.
pub(crate) fn replace(place: &Path, bytes: &[u8]) -> Result<(), SyncError> {
    let folder = place.parent().unwrap_or(place);
    let mut file = NamedTempFile::new_in(folder).map_err(SyncError::cache("making a file in", folder))?;
    file.write_all(bytes).map_err(SyncError::cache("writing", place))?;
    file.persist(place).map_err(|error| SyncError::cache("writing", place)(error.error))?;
    Ok(())
}
