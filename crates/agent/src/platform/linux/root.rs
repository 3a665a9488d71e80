//! The folder a machine's files are under. `/`, except in tests.

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use std::fs::File;
use std::io::{ErrorKind, Read, Result};
use std::path::{Path, PathBuf};

/// Most bytes of one file of the machine: dpkg's status file of a full desktop has 8 MB, and is not read here.
const LIMIT: u64 = 4 * 1024 * 1024;

/// A machine's root folder.
#[derive(Debug, Clone)]
pub(in crate::platform) struct Root(PathBuf);

impl Root {
    pub(in crate::platform) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Whether this is the running machine's own root.
    pub(in crate::platform) fn is_machine(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// The folder.
    pub(in crate::platform) fn path(&self) -> &Path {
        &self.0
    }

    /// Where a path of the machine is.
    pub(in crate::platform) fn join(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }

    /// Reads a file. Links are followed inside the root: an absolute one in a test root must not lead out of it.
    pub(in crate::platform) fn read(&self, path: &str) -> Result<Vec<u8>> {
        let relative = path.trim_start_matches('/');
        let file = if self.is_machine() {
            File::open(path)?
        } else {
            let folder = openat(CWD, &self.0, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
            File::from(openat2(&folder, relative, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::IN_ROOT)?)
        };
        let mut bytes = Vec::new();
        file.take(LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LIMIT { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    /// Reads a file as text; `None` when it is not there or not readable.
    pub(in crate::platform) fn text(&self, path: &str) -> Option<String> {
        self.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// First line of a file, plain; empty when there is none.
    pub(in crate::platform) fn line(&self, path: &str) -> String {
        plain(self.text(path).unwrap_or_default().lines().next().unwrap_or_default())
    }
}

/// Most bytes of one text that is told to the server; it refuses longer ones.
const TEXT: usize = 250;

/// A text from a file or firmware, fit to be told: without control characters and surrounding space, not endless.
pub(in crate::platform) fn plain(text: &str) -> String {
    let mut clean: String = text.chars().filter(|character| !character.is_control()).collect();
    clean.truncate(clean.floor_char_boundary(TEXT));
    clean.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_plain() {
        assert_eq!(plain(" a\u{1b}[2J\tb\n"), "a[2Jb");
        assert_eq!(plain(&"ä".repeat(300)).len(), TEXT);
    }

    #[test]
    fn links_stay_inside() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Root::new(folder.path());
        std::fs::create_dir_all(root.join("/usr/lib")).expect("made");
        std::fs::create_dir_all(root.join("/etc")).expect("made");
        std::fs::write(root.join("/usr/lib/os-release"), "ID=test\n").expect("written");
        std::os::unix::fs::symlink("/usr/lib/os-release", root.join("/etc/os-release")).expect("linked");
        std::os::unix::fs::symlink("../../../../../../etc/hostname", root.join("/etc/hostname")).expect("linked");
        assert_eq!(root.line("/etc/os-release"), "ID=test");
        assert!(root.read("/etc/hostname").is_err(), "there is none inside");
    }
}
