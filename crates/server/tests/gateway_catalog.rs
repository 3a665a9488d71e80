//! From a vendor's signed repository to findings: synchronise, import, assess; and what a bad repository leaves alone.

#![expect(clippy::expect_used, reason = "helpers of tests end the test, as tests do")]

mod harness;

use fettle_catalog::{AptSource, DebianFeed, FeedConfig, Keyring, Location};
use fettle_fleet::Purpose;
use fettle_model::clock::Entropy;
use fettle_model::ids::{AssetId, FeedId};
use fettle_model::os::ReleaseKey;
use fettle_server::work::{LastRun, Reconciler, run_once};
use fettle_store::{FeedRecord, FeedState};
use harness::Harness;
use harness::samples::bookworm;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A signed repository with one suite.
struct Repository {
    home: tempfile::TempDir,
    root: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { home: tempfile::tempdir().expect("a folder"), root: tempfile::tempdir().expect("a folder") };
        repository.gpg(&["--passphrase", "", "--quick-gen-key", "Test <test@mirror.example>", "ed25519", "sign", "never"], b"");
        repository
    }

    fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.home.path()).args(["--batch", "--quiet", "--pinentry-mode", "loopback"]).args(arguments);
        piped(&mut command, input)
    }

    fn index(&self) -> PathBuf {
        self.root.path().join("dists/bookworm/main/binary-amd64/Packages.gz")
    }

    /// Publishes packages (name, version), signed.
    fn publish(&self, packages: &[(&str, &str)]) {
        let entry = |(name, version): &(&str, &str)| format!("Package: {name}\nVersion: {version}\nArchitecture: amd64\nSize: 1000\n\n");
        let text: String = packages.iter().map(entry).collect();
        let bytes = piped(Command::new("gzip").args(["-n", "-c"]), text.as_bytes());
        std::fs::create_dir_all(self.index().parent().expect("a folder")).expect("a folder");
        std::fs::write(self.index(), &bytes).expect("a file");
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
        let release = format!(
            "Origin: Debian\nSuite: bookworm\nCodename: bookworm\nDate: Thu, 15 Jan 2026 10:00:00 UTC\nSHA256:\n {digest} {} main/binary-amd64/Packages.gz\n",
            bytes.len()
        );
        let signed = self.gpg(&["--clearsign", "--output", "-"], release.as_bytes());
        std::fs::write(self.root.path().join("dists/bookworm/InRelease"), signed).expect("a file");
    }

    fn config(&self) -> FeedConfig {
        let keys = String::from_utf8(self.gpg(&["--armor", "--export"], b"")).expect("text");
        let location = Location::parse(self.root.path().to_str().expect("text")).expect("an address");
        FeedConfig::Debian(DebianFeed {
            release: ReleaseKey::new("debian", "bookworm"),
            sources: vec![AptSource {
                uri: location,
                suite: "bookworm".to_owned(),
                components: vec!["main".to_owned()],
                keyring: Keyring::Inline(keys),
            }],
            architectures: vec!["amd64".to_owned()],
            advisories: Vec::new(),
        })
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ended = Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "gpg-agent"]).status();
    }
}

fn piped(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

async fn feed(harness: &Harness, repository: &Repository) -> FeedId {
    let id = FeedId::make(harness.now(), harness.entropy.ten());
    let config = serde_json::to_value(repository.config()).expect("JSON");
    let state = FeedState { requested: true, ..FeedState::default() };
    let feed = FeedRecord { id, name: "debian/bookworm".to_owned(), config, enabled: true, created_at: harness.now(), state };
    harness.app().store.create_feed(&feed, &harness.audit("feed.create")).await.expect("a feed");
    id
}

async fn sync(harness: &Harness, feed: FeedId) -> (LastRun, FeedState) {
    harness.app().store.request_sync(feed, &harness.audit("feed.sync")).await.expect("asked");
    run_once(harness.app(), Reconciler::SyncCatalog).await;
    let last = harness.app().signals.last_runs().remove(&Reconciler::SyncCatalog).expect("it has run");
    let state = harness.app().store.feed(feed).await.expect("read").expect("the feed").state;
    assert_eq!(harness.app().sync_progress.of(feed), None, "nothing is at work any more");
    harness.work(Reconciler::Reassess).await;
    (last, state)
}

fn missing(harness: &Harness, asset: AssetId) -> u32 {
    harness.app().fleet.view().unscoped(Purpose::Upkeep).asset(asset).expect("the asset is shown").counts.missing
}

fn cut(path: &Path) {
    let bytes = std::fs::read(path).expect("a file");
    std::fs::write(path, &bytes[..bytes.len() - 1]).expect("a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_repository_becomes_findings_and_unchanged_ones_cost_nothing() {
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    machine.scan_fully(&bookworm("web-1", &[("curl", "1"), ("hello", "1")])).await.expect("scanned");
    let repository = Repository::new();
    repository.publish(&[("curl", "2"), ("hello", "1")]);
    let feed = feed(&harness, &repository).await;

    let (last, state) = sync(&harness, feed).await;
    assert_eq!(last.error, None);
    assert_eq!((state.added, state.patches, state.error, state.requested), (2, 2, None, false));
    assert_eq!(missing(&harness, machine.asset()), 1);

    let generation = harness.app().store.catalog_generation().await.expect("read");
    let (last, state) = sync(&harness, feed).await;
    assert_eq!((last.result.as_str(), state.error), ("debian/bookworm: nothing new", None));
    assert_eq!(harness.app().store.catalog_generation().await.expect("read"), generation);

    repository.publish(&[("curl", "2"), ("hello", "2")]);
    sync(&harness, feed).await;
    assert_eq!(missing(&harness, machine.asset()), 2, "no scan was needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_repository_changes_nothing_and_says_why() {
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    machine.scan_fully(&bookworm("web-1", &[("curl", "1")])).await.expect("scanned");
    let repository = Repository::new();
    repository.publish(&[("curl", "2")]);
    let feed = feed(&harness, &repository).await;
    sync(&harness, feed).await;

    repository.publish(&[("curl", "3")]);
    cut(&repository.index());
    let (last, state) = sync(&harness, feed).await;
    let why = state.error.expect("an error");
    assert!(why.contains("bookworm main amd64"), "{why}");
    assert!(last.error.is_some_and(|error| error.contains("debian/bookworm")));
    assert!(state.last_success.is_some() && !state.requested);
    assert_eq!(missing(&harness, machine.asset()), 1, "the last good catalog stays");

    repository.publish(&[("curl", "3")]);
    let (last, state) = sync(&harness, feed).await;
    assert_eq!((last.error, state.error), (None, None));
}
