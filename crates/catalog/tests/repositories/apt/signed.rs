//! Makes keys, signed repositories and feeds of them.

use crate::key::Key;
use fettle_catalog::{
    AptSource, DebianFeed, Feed, FeedConfig, FetchLimits, Fetcher, Fingerprint, Folders, Keyring, Location, Quiet, Summary, SyncError,
    Synced, sync,
};
use fettle_model::clock::ManualClock;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// The time it is in these tests.
pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";
/// When the repositories of these tests were published.
pub(crate) const DATE: &str = "Sun, 01 Mar 2026 10:00:00 UTC";

/// One suite of a repository.
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) codename: String,
    pub(crate) date: String,
    /// Further fields of `Release`, each with its line end.
    pub(crate) fields: String,
    /// `Packages` by architecture.
    pub(crate) packages: BTreeMap<String, String>,
    /// Suffixes of the index files to write.
    pub(crate) packings: Vec<&'static str>,
    /// Replaces what `Release` states of a file: path to hash and size.
    pub(crate) stated: BTreeMap<String, (String, u64)>,
    /// Write `Release` and `Release.gpg` instead of `InRelease`.
    pub(crate) detached: bool,
}

impl Suite {
    /// A suite of bookworm.
    pub(crate) fn new(name: &str, packages: &str) -> Self {
        Self {
            name: name.to_owned(),
            codename: name.to_owned(),
            date: DATE.to_owned(),
            fields: String::new(),
            packages: BTreeMap::from([("amd64".to_owned(), packages.to_owned())]),
            packings: vec!["", ".xz", ".gz"],
            stated: BTreeMap::new(),
            detached: false,
        }
    }
}

/// One entry of `Packages`.
pub(crate) fn package(name: &str, version: &str, more: &str) -> String {
    format!("Package: {name}\nVersion: {version}\nArchitecture: amd64\n{more}Size: 1000\nDescription: The {name} package\n\n")
}

/// A repository, a feed of it, and the server's folders.
pub(crate) struct Bench {
    pub(crate) key: Key,
    pub(crate) root: TempDir,
    pub(crate) feed: Feed,
    pub(crate) folders: Folders,
    pub(crate) clock: ManualClock,
    pub(crate) fetcher: Fetcher,
}

impl Bench {
    /// An empty repository in `archive`, and a feed of `suites` of it.
    pub(crate) fn new(suites: &[&str]) -> Self {
        // Another test of this process may have installed it before.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let (key, root) = (Key::new(), TempDir::new().expect("a folder"));
        let folders = Folders { keyrings: vec![root.path().join("keyrings")], ..Folders::new(root.path(), "one") };
        let bench_root = root.path().to_owned();
        std::fs::create_dir_all(bench_root.join("keyrings")).expect("a folder");
        std::fs::write(bench_root.join("keyrings/test.gpg"), key.public()).expect("a keyring");
        let source = |suite: &&str| AptSource {
            uri: location(&bench_root.join("archive")),
            suite: (*suite).to_owned(),
            components: vec!["main".to_owned()],
            keyring: Keyring::File(bench_root.join("keyrings/test.gpg")),
        };
        let config = FeedConfig::Debian(DebianFeed {
            release: ReleaseKey::new("debian", "bookworm"),
            sources: suites.iter().map(source).collect(),
            architectures: vec!["amd64".to_owned()],
            advisories: Vec::new(),
        });
        let limits =
            FetchLimits { attempts: 3, pause: Duration::from_millis(1), idle: Duration::from_millis(500), ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits).expect("a fetcher");
        let clock = ManualClock::new(NOW.parse().expect("a time"));
        Self { key, root, feed: Feed { name: "test".to_owned(), config }, folders, clock, fetcher }
    }

    /// The usual repository for refusals: one suite with one package.
    pub(crate) fn with_one_package() -> Self {
        let bench = Self::new(&["bookworm"]);
        bench.publish(&Suite::new("bookworm", &package("hello", "1.0-1", "")));
        bench
    }

    pub(crate) fn debian(&mut self) -> &mut DebianFeed {
        let FeedConfig::Debian(debian) = &mut self.feed.config else { unreachable!("another kind") };
        debian
    }

    /// A file of the repository.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.path().join("archive/dists").join(path)
    }

    /// Writes a suite with its indexes and signs it.
    pub(crate) fn publish(&self, suite: &Suite) {
        self.publish_signed_by(suite, &self.key);
    }

    pub(crate) fn publish_signed_by(&self, suite: &Suite, key: &Key) {
        let folder = self.file(&suite.name);
        let mut lines = String::new();
        for (architecture, text) in &suite.packages {
            for suffix in &suite.packings {
                let path = format!("main/binary-{architecture}/Packages{suffix}");
                let bytes = packed(text, suffix);
                let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
                write(&folder.join(&path), &bytes);
                if suite.fields.contains("By-Hash") {
                    write(&folder.join(format!("main/binary-{architecture}/by-hash/SHA256/{digest}")), &bytes);
                }
                let (digest, size) = suite.stated.get(&path).cloned().unwrap_or((digest, bytes.len() as u64));
                lines.push_str(&format!(" {digest} {size:>8} {path}\n"));
            }
        }
        let text = format!(
            "Origin: Debian\nSuite: {}\nCodename: {}\nDate: {}\n{}SHA256:\n{lines}",
            suite.name, suite.codename, suite.date, suite.fields
        );
        if suite.detached {
            write(&folder.join("Release"), text.as_bytes());
            write(&folder.join("Release.gpg"), &key.detached(&text));
        } else {
            write(&folder.join("InRelease"), &key.clearsign(&text));
        }
    }

    /// Changes a file of the repository behind the signature's back.
    pub(crate) fn tamper(&self, path: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let path = self.file(path);
        let bytes = std::fs::read(&path).expect("the file");
        write(&path, &change(bytes));
    }

    pub(crate) async fn sync(&self, since: Option<&Fingerprint>) -> Result<Synced, SyncError> {
        sync(&self.feed, since, &self.folders, &self.fetcher, &self.clock, &Quiet).await
    }

    /// Syncs from nothing and expects patches.
    pub(crate) async fn import(&self) -> Import {
        match self.sync(None).await {
            Ok(Synced::Changed { content, warnings, summary, fingerprint }) => {
                Import { patches: content.into_patches(), warnings, summary, fingerprint }
            }
            Ok(Synced::Unchanged { .. }) => panic!("nothing was imported"),
            Err(error) => panic!("{}", error.full_text()),
        }
    }

    /// Syncs from nothing and expects a refusal; its text without what differs from run to run.
    pub(crate) async fn refusal(&self) -> String {
        let error = self.sync(None).await.expect_err("a refusal");
        error.full_text().replace(&self.root.path().display().to_string(), "/root")
    }
}

/// What a sync brought.
pub(crate) struct Import {
    pub(crate) patches: Vec<Patch>,
    pub(crate) warnings: Vec<String>,
    pub(crate) summary: Summary,
    pub(crate) fingerprint: Fingerprint,
}

pub(crate) fn location(path: &Path) -> Location {
    Location::parse(path.to_str().expect("text")).expect("an address")
}

pub(crate) fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}

fn packed(text: &str, suffix: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let done = match suffix {
        ".xz" => liblzma::read::XzEncoder::new(text.as_bytes(), 6).read_to_end(&mut bytes),
        ".gz" => flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast()).read_to_end(&mut bytes),
        _ => return text.as_bytes().to_vec(),
    };
    done.expect("packed");
    bytes
}
