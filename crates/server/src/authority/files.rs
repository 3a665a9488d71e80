//! Files of the secrets folder: readable by the server alone, written whole or not at all.

use super::AuthorityError;
use std::fs::DirBuilder;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// Larger than any key or certificate; a file beyond it is not one of ours.
const LIMIT: u64 = 64 * 1024;

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> AuthorityError {
    let path = path.to_owned();
    move |source| AuthorityError::File { doing, path, source }
}

/// Makes a folder that only its owner enters, or takes the rights of others away from the one that is there.
pub(super) fn private_folder(path: &Path) -> Result<(), AuthorityError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("create the folder", path))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(failed("restrict the folder", path))
}

/// Reads a file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, AuthorityError> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("open", path)(error)),
    };
    let mut text = String::new();
    file.take(LIMIT).read_to_string(&mut text).map_err(failed("read", path))?;
    Ok(Some(text))
}

/// Writes a file with mode 0600: a crash leaves the old one or the new one.
pub(super) fn write(path: &Path, text: &str) -> Result<(), AuthorityError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    // Temporary files are made with mode 0600, which the rename keeps.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed("create a file beside", path))?;
    file.write_all(text.as_bytes()).map_err(failed("write", path))?;
    file.as_file().sync_all().map_err(failed("write", path))?;
    file.persist(path).map_err(|error| failed("replace", path)(error.error))?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("write the folder of", path))
}

/// Removes a file; that there is none is fine.
pub(super) fn remove(path: &Path) -> Result<(), AuthorityError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}
