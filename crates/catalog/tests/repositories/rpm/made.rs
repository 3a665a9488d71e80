//! Small repositories in a folder.

use crate::key::Key;
use fettle_catalog::{
    Content, Feed, FeedConfig, FetchLimits, Fetcher, Fingerprint, Folders, Keyring, Location, Quiet, RpmFeed, RpmRepository, SyncError,
    Synced, sync,
};
use fettle_model::clock::ManualClock;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

/// A package of a list: name, epoch, version, release, architecture, source package.
pub(crate) type Line = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// A list of packages.
pub(crate) fn primary(packages: &[Line]) -> String {
    let package = |(name, epoch, version, release, architecture, source): &Line| {
        format!(
            "<package type=\"rpm\"><name>{name}</name><arch>{architecture}</arch><version epoch=\"{epoch}\" ver=\"{version}\" rel=\"{release}\"/>\
             <summary>About {name}</summary><description>Long.</description><size package=\"1000\" installed=\"2000\" archive=\"3000\"/>\
             <format><rpm:sourcerpm>{source}-{version}-{release}.src.rpm</rpm:sourcerpm><rpm:provides><rpm:entry name=\"{name}\"/></rpm:provides>\
             <file>/usr/bin/{name}</file></format></package>"
        )
    };
    let packages: String = packages.iter().map(package).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata/common\" \
         xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"2\">{packages}</metadata>"
    )
}

/// An advisory: id, type, severity, day, what else is in it, packages.
pub(crate) struct Update {
    pub(crate) id: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) issued: &'static str,
    pub(crate) cves: &'static [&'static str],
    pub(crate) reboot: bool,
    pub(crate) packages: &'static [Line],
}

/// A list of advisories.
pub(crate) fn updateinfo(updates: &[Update]) -> String {
    let update = |update: &Update| {
        let references: String = update
            .cves
            .iter()
            .map(|cve| format!("<reference href=\"https://cve.example/{cve}\" id=\"{cve}\" type=\"cve\" title=\"{cve}\"/>"))
            .collect();
        let reboot = if update.reboot { "<reboot_suggested>True</reboot_suggested>" } else { "" };
        let package = |(name, epoch, version, release, architecture, _): &Line| {
            format!(
                "<package name=\"{name}\" version=\"{version}\" release=\"{release}\" epoch=\"{epoch}\" arch=\"{architecture}\">\
                 <filename>x.rpm</filename>{reboot}</package>"
            )
        };
        let packages: String = update.packages.iter().map(package).collect();
        format!(
            "<update from=\"a@vendor.example\" status=\"final\" type=\"{}\" version=\"1\"><id>{}</id><title>A fix</title><issued date=\"{}\"/>\
             <severity>{}</severity><description>What it fixes.</description><references>\
             <reference href=\"https://vendor.example/{}\" id=\"{}\" type=\"self\"/>{references}</references>\
             <pkglist><collection short=\"base\"><name>base</name>{packages}</collection></pkglist></update>",
            update.kind, update.id, update.issued, update.severity, update.id, update.id
        )
    };
    format!("<?xml version=\"1.0\"?>\n<updates>{}</updates>", updates.iter().map(update).collect::<String>())
}

/// A repository with a feed of it.
pub(crate) struct Bench {
    root: TempDir,
    cache: TempDir,
    pub(crate) key: Option<Key>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { root: TempDir::new().expect("a folder"), cache: TempDir::new().expect("a folder"), key: None }
    }

    pub(crate) fn signed() -> Self {
        Self { key: Some(Key::new()), ..Self::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// Publishes lists, and gives the text of `repomd.xml`.
    pub(crate) fn publish(&self, primary: &str, updateinfo: Option<&str>) -> String {
        self.publish_at(1_700_000_000, primary, updateinfo)
    }

    pub(crate) fn publish_at(&self, second: i64, primary: &str, updateinfo: Option<&str>) -> String {
        let mut data = String::new();
        for (kind, text) in [("primary", Some(primary)), ("updateinfo", updateinfo)] {
            let Some(text) = text else { continue };
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(text.as_bytes()).expect("packed");
            let packed = packed.finish().expect("packed");
            let name = format!("repodata/{}-{kind}.xml.gz", hex(&packed));
            self.write(&name, &packed);
            data.push_str(&format!(
                "<data type=\"{kind}\"><checksum type=\"sha256\">{}</checksum><open-checksum type=\"sha256\">{}</open-checksum>\
                 <location href=\"{name}\"/><timestamp>{second}</timestamp><size>{}</size><open-size>{}</open-size></data>",
                hex(&packed),
                hex(text.as_bytes()),
                packed.len(),
                text.len()
            ));
        }
        let list = format!(
            "<?xml version=\"1.0\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\
             <revision>{second}</revision>{data}</repomd>"
        );
        self.list(&list);
        list
    }

    /// Puts a list of files there, signed if the repository is.
    pub(crate) fn list(&self, text: &str) {
        self.write("repodata/repomd.xml", text.as_bytes());
        if let Some(key) = &self.key {
            self.write("repodata/repomd.xml.asc", &key.detached(text));
        }
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.root.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }

    pub(crate) async fn sync(&self, since: Option<&Fingerprint>) -> Result<Synced, SyncError> {
        let keyring = self.key.as_ref().map(|key| Keyring::Inline(key.armoured()));
        let uri = Location::parse(self.root.path().to_str().expect("a path")).expect("a location");
        let feed = RpmFeed {
            release: ReleaseKey::new("rocky", "9"),
            repositories: vec![RpmRepository { uri, keyring }],
            architectures: vec!["x86_64".to_owned()],
        };
        let feed = Feed { name: "rocky".to_owned(), config: FeedConfig::Rpm(feed) };
        // Two tests at once would each want to be the first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let fetcher = Fetcher::new(FetchLimits { attempts: 1, ..FetchLimits::default() }).expect("a fetcher");
        let folders = Folders { cache: self.cache.path().to_owned(), keyrings: Vec::new() };
        let clock = ManualClock::new("2026-03-01T12:00:00Z".parse().expect("a moment"));
        sync(&feed, since, &folders, &fetcher, &clock, &Quiet).await
    }

    pub(crate) async fn patches(&self) -> Vec<Patch> {
        match self.sync(None).await.expect("synced") {
            Synced::Changed { content: Content::Patches(patches), .. } => patches,
            other => unreachable!("patches were expected: {other:?}"),
        }
    }

    pub(crate) async fn refusal(&self) -> String {
        let text = self.sync(None).await.expect_err("refused").full_text();
        text.replace(&self.root.path().display().to_string(), "/srv/mirror")
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
