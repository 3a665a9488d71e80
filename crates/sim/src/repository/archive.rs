//! Writing the archive.

use super::advisories;
use super::signing::Key;
use crate::world::World;
use crate::world::history::SPAN;
use crate::world::release::Release;
use crate::world::software::{SOURCES, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Why an archive could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file.
    #[error("could not {action} {}", path.display())]
    File {
        /// `write`, `read`, `create`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// An index could not be compressed.
    #[error("could not compress a package index")]
    Compress(#[source] std::io::Error),
    /// The archive's key could not be made or used.
    #[error("could not sign the archive: {why}")]
    Signing {
        /// What gpg said.
        why: String,
    },
    /// The list of feeds in the folder is not one.
    #[error("{} is damaged: remove the folder, it is made again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The folder cannot be named in a URL.
    #[error("{} must be an absolute path", path.display())]
    Path {
        /// The folder.
        path: PathBuf,
    },
}

/// An archive in a folder, and the feeds that read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// The seed it was made from.
    pub seed: u64,
    /// One feed a release.
    pub feeds: Vec<FeedSketch>,
}

/// A feed, in the API's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSketch {
    /// Name for people.
    pub name: String,
    /// `debian/bookworm`.
    pub release: String,
    /// Its pockets.
    pub sources: Vec<SourceSketch>,
    /// Address of the list of advisories.
    pub advisories: String,
}

/// A package source, in the API's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSketch {
    /// Root of the archive.
    pub uri: String,
    /// Suite.
    pub suite: String,
    /// Components.
    pub components: Vec<String>,
    /// Armoured keyring.
    pub keyring: String,
}

/// Where an update is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pocket {
    /// What the release came with.
    Base,
    /// Improvements since.
    Updates,
    /// Fixes of vulnerabilities.
    Security,
}

impl Pocket {
    const ALL: [Self; 3] = [Self::Base, Self::Updates, Self::Security];

    fn suite(self, release: Release) -> String {
        match self {
            Self::Base => release.codename().to_owned(),
            Self::Updates => format!("{}-updates", release.codename()),
            Self::Security => format!("{}-security", release.codename()),
        }
    }
}

const FEEDS: &str = "feeds.json";

impl Archive {
    /// The archive in this folder, or a new one with a new key that is forgotten at once.
    ///
    /// # Errors
    /// When files cannot be written, or those that are there are damaged.
    pub fn open_or_make(folder: &Path, world: &World, now: Timestamp) -> Result<Self, ArchiveError> {
        let path = folder.join(FEEDS);
        if path.exists() {
            let text = std::fs::read(&path).map_err(|source| ArchiveError::File { action: "read", path: path.clone(), source })?;
            let found: Self = serde_json::from_slice(&text).map_err(|source| ArchiveError::Damaged { path: path.clone(), source })?;
            if found.seed == world.seed() {
                return Ok(found);
            }
        }
        Self::make(folder, world, now)
    }

    /// Writes the archive; the list of feeds comes last, so that a half-written archive is made again.
    ///
    /// # Errors
    /// When files cannot be written.
    pub fn make(folder: &Path, world: &World, now: Timestamp) -> Result<Self, ArchiveError> {
        let key = Key::make()?;
        let keyring = key.armoured()?;
        let mut feeds = Vec::new();
        for (distribution, word) in [("debian", "DSA"), ("ubuntu", "USN")] {
            let root = folder.join(distribution);
            let of = |release: Release| release.distribution() == distribution;
            let list = root.join("advisories.list");
            write(&list, advisories::list(world, now, of, word).as_bytes())?;
            for release in Release::ALL.into_iter().filter(|release| of(*release)) {
                let mut sources = Vec::new();
                for pocket in Pocket::ALL {
                    write_suite(&root, world, release, pocket, now, &key)?;
                    sources.push(SourceSketch {
                        uri: file_url(&root)?,
                        suite: pocket.suite(release),
                        components: vec!["main".to_owned()],
                        keyring: keyring.clone(),
                    });
                }
                let name = format!("{} (simulated)", release.pretty_name());
                let advisories = file_url(&list)?.trim_end_matches('/').to_owned();
                feeds.push(FeedSketch { name, release: format!("{distribution}/{}", release.codename()), sources, advisories });
            }
        }
        let archive = Self { seed: world.seed(), feeds };
        let path = folder.join(FEEDS);
        let text = serde_json::to_vec_pretty(&archive).map_err(|source| ArchiveError::Damaged { path: path.clone(), source })?;
        write(&path, &text)?;
        Ok(archive)
    }
}

fn write_suite(root: &Path, world: &World, release: Release, pocket: Pocket, now: Timestamp, key: &Key) -> Result<(), ArchiveError> {
    let suite = pocket.suite(release);
    let dist = root.join("dists").join(&suite);
    let plain = packages(world, release, pocket).into_bytes();
    let packed = liblzma::encode_all(plain.as_slice(), 6).map_err(ArchiveError::Compress)?;
    let folder = "main/binary-amd64";
    write(&dist.join(folder).join("Packages.xz"), &packed)?;
    write(&dist.join(folder).join("by-hash/SHA256").join(hex(&packed)), &packed)?;
    let (origin, label) = if release.is_debian() { ("Debian", "Debian") } else { ("Ubuntu", "Ubuntu") };
    let date = now.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S UTC");
    let mut text = format!(
        "Origin: {origin}\nLabel: {label}\nSuite: {suite}\nCodename: {suite}\nVersion: {}\nDate: {date}\nAcquire-By-Hash: yes\n\
         Architectures: amd64\nComponents: main\nDescription: simulated archive\nSHA256:\n",
        release.version()
    );
    for (name, bytes) in [("Packages", &plain), ("Packages.xz", &packed)] {
        // Writing into a text cannot fail.
        let _ = writeln!(text, " {} {} {folder}/{name}", hex(bytes), bytes.len());
    }
    write(&dist.join("InRelease"), key.sign_clear(&text)?.as_bytes())
}

/// The index of one pocket: what an archive carries now, the newest version only.
fn packages(world: &World, release: Release, pocket: Pocket) -> String {
    let mut text = String::new();
    for source in SOURCES {
        let Some(version) = newest(world, source, release, pocket) else { continue };
        for (name, kib) in source.binaries(release) {
            let file = format!("pool/main/{}/{}/{name}_{}_amd64.deb", &source.name[..1], source.name, version.replace(':', "%3a"));
            // Writing into a text cannot fail.
            let _ = writeln!(text, "Package: {name}");
            if name != source.name_in(release) {
                let _ = writeln!(text, "Source: {}", source.name_in(release));
            }
            let _ = write!(
                text,
                "Version: {version}\nArchitecture: amd64\nMaintainer: Simulated Archive <archive@mirror.example>\nInstalled-Size: {kib}\n\
                 Description: {}\nSection: misc\nPriority: optional\nFilename: {file}\nSize: {}\nSHA256: {}\n\n",
                source.about,
                u64::from(kib) * 256,
                hex(file.as_bytes())
            );
        }
    }
    text
}

/// The newest version of a source package in a pocket.
fn newest(world: &World, source: &Source, release: Release, pocket: Pocket) -> Option<String> {
    if pocket == Pocket::Base {
        return world.history().version(source, release, SPAN + 1);
    }
    let of_this = world.history().updates().iter().filter(|update| update.source == source.name);
    let in_pocket = of_this.filter(|update| update.advisory.is_some() == (pocket == Pocket::Security));
    in_pocket.rev().find_map(|update| update.versions.iter().find(|(of, _)| *of == release)).map(|(_, version)| version.clone())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let failed = |source| ArchiveError::File { action: "write", path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}

fn file_url(path: &Path) -> Result<String, ArchiveError> {
    let absolute = std::path::absolute(path).map_err(|_| ArchiveError::Path { path: path.to_owned() })?;
    url::Url::from_file_path(&absolute).map(String::from).map_err(|()| ArchiveError::Path { path: absolute })
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut open = vec![folder.to_owned()];
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(&next).expect("readable").flatten() {
                if entry.path().is_dir() {
                    open.push(entry.path());
                } else {
                    let bytes = std::fs::read(entry.path()).expect("readable");
                    found.insert(entry.path().strip_prefix(folder).expect("below").to_owned(), bytes);
                }
            }
        }
        found.remove(Path::new(FEEDS));
        found
    }

    fn make(seed: u64) -> BTreeMap<PathBuf, Vec<u8>> {
        let folder = tempfile::tempdir().expect("scratch folder");
        let now = "2030-01-01T00:00:00Z".parse().expect("a time");
        Archive::make(folder.path(), &World::of(seed), now).expect("written");
        files(folder.path())
    }

    /// An `InRelease` file without its signature: every archive has a key of its own.
    fn unsigned(path: &Path, bytes: Vec<u8>) -> Vec<u8> {
        if !path.ends_with("InRelease") {
            return bytes;
        }
        let text = String::from_utf8(bytes).expect("text");
        text.split("-----BEGIN PGP SIGNATURE-----").next().expect("a part").as_bytes().to_vec()
    }

    #[test]
    fn the_same_seed_writes_the_same_bytes_but_for_signatures() {
        let plain = |seed| make(seed).into_iter().map(|(path, bytes)| (path.clone(), unsigned(&path, bytes))).collect::<BTreeMap<_, _>>();
        let one = plain(1);
        assert!(one == plain(1), "two archives of one seed differ");
        assert!(one != plain(2), "two archives of two seeds are the same");
        assert_eq!(one.keys().filter(|path| path.ends_with("InRelease")).count(), 15);
    }

    #[test]
    fn what_is_there_is_kept() {
        let folder = tempfile::tempdir().expect("scratch folder");
        let now = "2030-01-01T00:00:00Z".parse().expect("a time");
        let world = World::of(1);
        let one = Archive::open_or_make(folder.path(), &world, now).expect("made");
        assert_eq!(Archive::open_or_make(folder.path(), &world, now).expect("found"), one);
        assert_ne!(Archive::open_or_make(folder.path(), &World::of(2), now).expect("made"), one);
    }
}
