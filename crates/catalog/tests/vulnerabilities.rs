//! Feeds of what is said of vulnerabilities: when they are read, what is refused, and what stays then.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use fettle_catalog::{
    Content, Feed, FeedConfig, FetchLimits, Fetcher, Fingerprint, Folders, ListFeed, Location, Quiet, SyncError, Synced, sync,
};
use fettle_model::clock::ManualClock;
use fettle_model::vulnerability::VulnerabilityFacts;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

const EXPLOITED: &str = include_str!("vulnerabilities/exploited.json");
const PROBABILITIES: &str = include_str!("vulnerabilities/probabilities.csv");

/// A feed and the folder that its list is in.
struct Bench {
    folder: tempfile::TempDir,
    config: fn(ListFeed) -> FeedConfig,
    source: String,
}

impl Bench {
    fn new(config: fn(ListFeed) -> FeedConfig, text: &str) -> Self {
        // Another test may have installed it already.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("list").to_str().expect("a path").to_owned();
        let bench = Self { folder, config, source };
        bench.write(text);
        bench
    }

    fn list(&self) -> PathBuf {
        self.folder.path().join("list")
    }

    fn write(&self, text: &str) {
        std::fs::write(self.list(), text).expect("a file");
    }

    async fn sync(&self, since: Option<&Fingerprint>) -> Result<Synced, SyncError> {
        let source = Location::parse(&self.source).expect("a location");
        let feed = Feed { name: "list".to_owned(), config: (self.config)(ListFeed { source }) };
        let limits = FetchLimits { attempts: 1, pause: Duration::ZERO, ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits).expect("a fetcher");
        let clock = ManualClock::new("2024-05-07T12:00:00Z".parse().expect("a time"));
        sync(&feed, since, &Folders::new(&self.folder.path().join("data"), "one"), &fetcher, &clock, &Quiet).await
    }

    async fn changed(&self, since: Option<&Fingerprint>) -> (Vec<VulnerabilityFacts>, Fingerprint) {
        match self.sync(since).await.expect("synced") {
            Synced::Changed { content: Content::Facts(facts), fingerprint, summary, .. } => {
                assert_eq!(summary.facts, facts.len());
                (facts, fingerprint)
            }
            other => panic!("no facts: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_list_is_read_when_it_changed() {
    let bench = Bench::new(FeedConfig::KnownExploited, EXPLOITED);
    let (facts, first) = bench.changed(None).await;
    assert_eq!(facts.len(), 3);
    assert!(matches!(bench.sync(Some(&first)).await, Ok(Synced::Unchanged { .. })));
    bench.write(&EXPLOITED.replace("2024-05-22", "2024-06-01"));
    let (changed, second) = bench.changed(Some(&first)).await;
    assert_ne!((facts, &first), (changed, &second));
    let bench = Bench::new(FeedConfig::Exploitation, PROBABILITIES);
    assert_eq!(bench.changed(None).await.0.len(), 3);
}

#[tokio::test]
async fn a_list_is_read_anew_when_its_kind_changed() {
    let mut bench = Bench::new(FeedConfig::KnownExploited, EXPLOITED);
    let (_, fingerprint) = bench.changed(None).await;
    bench.config = FeedConfig::Exploitation;
    assert!(matches!(bench.sync(Some(&fingerprint)).await, Err(SyncError::List { .. })), "it is no list of that kind");
}

#[tokio::test]
async fn what_is_no_such_list_is_refused() {
    let bench = Bench::new(FeedConfig::KnownExploited, PROBABILITIES);
    let refused = bench.sync(None).await.expect_err("the other list");
    insta::assert_snapshot!(
        refused.full_text().replace(&bench.folder.path().display().to_string(), "FOLDER"),
        @"the list file://FOLDER/list was refused; nothing was imported: it is not a catalog of known exploited vulnerabilities in JSON; check the address: expected value at line 1 column 1"
    );
    let bench = Bench::new(FeedConfig::Exploitation, EXPLOITED);
    assert!(matches!(bench.sync(None).await, Err(SyncError::List { .. })));
    std::fs::remove_file(bench.list()).expect("a file");
    assert!(matches!(bench.sync(None).await, Err(SyncError::Fetch { .. })));
}

#[tokio::test]
async fn a_list_that_anybody_could_change_on_its_way_is_refused() {
    let mut bench = Bench::new(FeedConfig::Exploitation, PROBABILITIES);
    bench.source = "http://lists.example/scores.csv".to_owned();
    insta::assert_snapshot!(
        bench.sync(None).await.expect_err("plain HTTP"),
        @"the feed's configuration cannot be used: source: give https://… or a file: the list is not signed, so that nothing else protects it on its way"
    );
}

/// Serves a file with an `ETag`, and answers 304 to whoever has it.
async fn serve(list: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/list", listener.local_addr().expect("an address"));
    let list = list.to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let (mut line, mut has_it) = (String::new(), false);
            while stream.read_line(&mut line).await.is_ok_and(|count| count > 2) {
                has_it |= line.to_lowercase().starts_with("if-none-match: \"one\"");
                line.clear();
            }
            let body = if has_it { Vec::new() } else { std::fs::read(&list).unwrap_or_default() };
            let status = if has_it { "304 Not Modified" } else { "200 OK" };
            let head = format!("HTTP/1.1 {status}\r\netag: \"one\"\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            drop(stream.write_all(head.as_bytes()).await);
            drop(stream.write_all(&body).await);
        }
    });
    address
}

#[tokio::test]
async fn a_list_is_not_fetched_twice_and_is_when_it_was_not_stored() {
    let mut bench = Bench::new(FeedConfig::Exploitation, PROBABILITIES);
    bench.source = serve(&bench.list()).await;
    let (_, stored) = bench.changed(None).await;
    // What the server would serve now is not asked for, because it says that nothing changed.
    bench.write("cve,epss\nCVE-2024-0001,0.1\n");
    assert!(matches!(bench.sync(Some(&stored)).await, Ok(Synced::Unchanged { .. })));
    // Whoever did not store what was read last gets it whole.
    assert_eq!(bench.changed(None).await.0.len(), 1);
    assert_eq!(bench.changed(Some(&stored)).await.0.len(), 1);
}
