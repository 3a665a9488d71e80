//! Reading the data, which is somebody else's.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest file when unpacked: package indexes of whole distributions have 60 MB.
const MAX_BYTES: u64 = 1 << 30;

/// A folder with a folder for each kind of data.
pub(crate) struct Data {
    root: PathBuf,
}

impl Data {
    pub(crate) fn open(root: &Path) -> Result<Self> {
        ensure!(root.is_dir(), "{} is no folder; name one with folders such as linux-hosts and versions", root.display());
        Ok(Self { root: root.to_owned() })
    }

    /// The folder of a kind, if there is one.
    pub(crate) fn folder(&self, kind: &str) -> Option<PathBuf> {
        Some(self.root.join(kind)).filter(|path| path.is_dir())
    }

    /// Names of all folders, ordered.
    pub(crate) fn folders(&self) -> Result<Vec<String>> {
        let names = entries(&self.root)?.into_iter().filter(|path| path.is_dir()).filter_map(|path| Some(name(&path)?.to_owned()));
        Ok(names.collect())
    }

    /// The contents of a file, unpacked when its name says that it is packed.
    pub(crate) fn bytes(&self, path: &Path) -> Result<Vec<u8>> {
        let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut reader: Box<dyn Read> = match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Some("xz") => Box::new(liblzma::read::XzDecoder::new(file)),
            _ => Box::new(file),
        };
        let mut bytes = Vec::new();
        let read =
            reader.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
        ensure!(read as u64 <= MAX_BYTES, "{} has more than {MAX_BYTES} bytes", path.display());
        Ok(bytes)
    }

    /// The same as text.
    pub(crate) fn text(&self, path: &Path) -> Result<String> {
        String::from_utf8(self.bytes(path)?).with_context(|| format!("{} is not text in UTF-8", path.display()))
    }
}

/// Files of an archive by their path in it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

impl Data {
    /// The files of a packed archive such as `debian.tar.gz`.
    pub(crate) fn archive(&self, path: &Path) -> Result<Files> {
        let bytes = self.bytes(path)?;
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut files = Files::new();
        for entry in archive.entries().with_context(|| format!("{} is no archive", path.display()))? {
            let mut entry = entry.with_context(|| format!("{} is no whole archive", path.display()))?;
            if entry.header().entry_type().is_file() {
                let inside = entry.path()?.to_string_lossy().into_owned();
                let mut content = Vec::new();
                entry.read_to_end(&mut content).with_context(|| format!("cannot read {inside} of {}", path.display()))?;
                files.insert(inside, content);
            }
        }
        Ok(files)
    }
}

/// What lies in a folder, ordered.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut entries = listed.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    entries.sort();
    Ok(entries)
}

/// The name of a file without folders.
pub(crate) fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// The entry of a folder with this name, or this name and `.gz` or `.xz`.
pub(crate) fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    ["", ".gz", ".xz"].iter().map(|packed| folder.join(format!("{name}{packed}"))).find(|path| path.is_file())
}
