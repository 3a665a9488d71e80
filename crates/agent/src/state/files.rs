//! Files that only their owner may read, written whole or not at all.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Largest file that is read: an identity has some kilobytes.
const LIMIT: u64 = 1024 * 1024;

/// A file or folder could not be used.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} {}", path.display())]
pub struct FileError {
    /// What was attempted.
    pub doing: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { doing, path, source }
}

/// Makes a folder that only its owner may enter; an existing one is made so.
///
/// # Errors
/// When it cannot be made, or is no folder.
pub fn private_folder(path: &Path) -> Result<(), FileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("create the folder", path))?;
    std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed("protect the folder", path))
}

/// Reads a file; `None` when there is none.
///
/// # Errors
/// When it cannot be read, or is larger than anything the agent writes.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(failed("read", path))?;
    if bytes.len() as u64 > LIMIT {
        return Err(failed("read", path)(ErrorKind::FileTooLarge.into()));
    }
    Ok(Some(bytes))
}

/// Replaces a file: mode 0600, on disk before its name changes.
///
/// # Errors
/// When it cannot be written; the old one then is still there.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // tempfile makes files with mode 0600.
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed("write beside", path))?;
    new.write_all(bytes).map_err(failed("write", path))?;
    new.as_file().sync_all().map_err(failed("write", path))?;
    new.persist(path).map_err(|error| failed("replace", path)(error.error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("write the folder of", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_private_and_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("state");
        private_folder(&inner).expect("made");
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        let path = inner.join("identity.json");
        assert_eq!(read(&path).expect("readable"), None);
        write_private(&path, b"one").expect("written");
        write_private(&path, b"two").expect("written");
        assert_eq!(read(&path).expect("readable").as_deref(), Some(b"two".as_slice()));
        assert_eq!(mode(&path), 0o600);
        assert_eq!(std::fs::read_dir(&inner).expect("listed").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn an_open_folder_is_closed() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("opened");
        private_folder(folder.path()).expect("made");
        assert_eq!(std::fs::metadata(folder.path()).expect("there").permissions().mode() & 0o777, 0o700);
    }
}
