//! Fetching over HTTP, from a server that misbehaves as told.

use super::signed::{Bench, Suite, package};
use fettle_catalog::{Location, Synced};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does at the next request for a path.
#[derive(Debug, Clone)]
enum Fault {
    /// Answers with this status.
    Status(u16),
    /// Announces more than it sends, and closes.
    BreaksOff,
    /// Sends a part of a file that has an entity tag, and closes.
    Cut,
    /// The same without saying whether the rest will still be of the same file.
    CutAndWeak,
    /// Sends a part of what the file was before, and closes.
    CutBefore,
    /// Answers with this rest, whatever was asked for.
    Rest(&'static str),
    /// Answers with a status and asks to be left alone for that long.
    Later(u16, &'static str),
    /// Sends a part and then nothing.
    Hangs,
    /// Sends without end.
    Endless,
    /// Sends the client elsewhere.
    Redirect(String),
}

/// Serves a folder, with entity tags.
struct Server {
    address: String,
    faults: Arc<Mutex<HashMap<String, Vec<Fault>>>>,
    /// Path and status of each answer.
    log: Arc<Mutex<Vec<(String, u16)>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start(folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (faults, log) = (Arc::default(), Arc::default());
        let (our_faults, our_log) = (Arc::clone(&faults), Arc::clone(&log));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, folder.clone(), Arc::clone(&our_faults), Arc::clone(&our_log)));
            }
        });
        Self { address, faults, log, task }
    }

    fn misbehave(&self, path: &str, faults: Vec<Fault>) {
        self.faults.lock().expect("a lock").insert(path.to_owned(), faults);
    }

    fn answers(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().expect("a lock")).into_iter().map(|(path, status)| format!("{status} {path}")).collect()
    }
}

async fn answer(stream: TcpStream, folder: PathBuf, faults: Arc<Mutex<HashMap<String, Vec<Fault>>>>, log: Arc<Mutex<Vec<(String, u16)>>>) {
    let mut stream = BufReader::new(stream);
    let (mut path, mut asked) = (String::new(), Asked::default());
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|count| count > 2) {
        if let Some(rest) = line.strip_prefix("GET ") {
            path = rest.split(' ').next().unwrap_or_default().to_owned();
        }
        let lower = line.to_lowercase();
        let value = |name: &str| lower.strip_prefix(name).map(|value| value.trim().to_owned());
        asked.known = value("if-none-match:").or(asked.known);
        asked.same = value("if-range:").or(asked.same);
        let from = value("range:").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        asked.from = from.or(asked.from);
        line.clear();
    }
    let fault = faults.lock().expect("a lock").get_mut(&path).and_then(|list| (!list.is_empty()).then(|| list.remove(0)));
    let body = std::fs::read(folder.join(path.trim_start_matches('/'))).ok();
    let (head, body, stay) = response(fault, body, &asked);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    log.lock().expect("a lock").push((path, status));
    let _sent = stream.write_all(&[head.as_bytes(), &body].concat()).await;
    match stay {
        Stay::No => {}
        Stay::Silent => std::future::pending().await,
        Stay::Sending => while stream.write_all(&[b'x'; 65_536]).await.is_ok() {},
    }
}

/// What a request asks for beside a path.
#[derive(Debug, Default)]
struct Asked {
    known: Option<String>,
    from: Option<usize>,
    same: Option<String>,
}

enum Stay {
    No,
    Silent,
    Sending,
}

fn response(fault: Option<Fault>, body: Option<Vec<u8>>, asked: &Asked) -> (String, Vec<u8>, Stay) {
    let head = |status: &str, length: usize, more: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n")
    };
    let Some(body) = body else { return (head("404 Not Found", 0, ""), Vec::new(), Stay::No) };
    let tag = format!("\"{}-{}\"", body.len(), body.iter().map(|&byte| u64::from(byte)).sum::<u64>());
    match fault {
        Some(Fault::Status(status)) => (head(&format!("{status} Fault"), 0, ""), Vec::new(), Stay::No),
        Some(Fault::Cut) => (head("200 OK", body.len(), &format!("ETag: {tag}\r\n")), body[..body.len() / 2].to_vec(), Stay::No),
        Some(Fault::CutAndWeak) => (head("200 OK", body.len(), &format!("ETag: W/{tag}\r\n")), body[..body.len() / 2].to_vec(), Stay::No),
        Some(Fault::CutBefore) => (head("200 OK", body.len(), "ETag: \"before\"\r\n"), vec![b'z'; body.len() / 2], Stay::No),
        Some(Fault::Rest(range)) => (head("206 Partial Content", 3, &format!("Content-Range: {range}\r\n")), b"???".to_vec(), Stay::No),
        Some(Fault::Later(status, when)) => {
            (head(&format!("{status} Later"), 0, &format!("Retry-After: {when}\r\n")), Vec::new(), Stay::No)
        }
        Some(Fault::BreaksOff) => (head("200 OK", body.len(), ""), body[..body.len() / 2].to_vec(), Stay::No),
        Some(Fault::Hangs) => (head("200 OK", body.len(), ""), body[..body.len() / 2].to_vec(), Stay::Silent),
        Some(Fault::Endless) => ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_owned(), Vec::new(), Stay::Sending),
        Some(Fault::Redirect(to)) => (head("302 Found", 0, &format!("Location: {to}\r\n")), Vec::new(), Stay::No),
        None if asked.from.is_some() && asked.same.as_ref() == Some(&tag) => {
            let from = asked.from.unwrap_or_default();
            let range = format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len());
            (head("206 Partial Content", body.len() - from, &range), body[from..].to_vec(), Stay::No)
        }
        None if asked.known.as_ref() == Some(&tag) => (head("304 Not Modified", 0, &format!("ETag: {tag}\r\n")), Vec::new(), Stay::No),
        None => (head("200 OK", body.len(), &format!("ETag: {tag}\r\n")), body, Stay::No),
    }
}

const RELEASE: &str = "/dists/bookworm/InRelease";
const INDEX: &str = "/dists/bookworm/main/binary-amd64/Packages.xz";

/// One suite with one package, on a server.
async fn served() -> (Bench, Server) {
    let mut bench = Bench::with_one_package();
    let server = Server::start(bench.root.path().join("archive")).await;
    bench.debian().sources[0].uri = Location::parse(&server.address).expect("an address");
    (bench, server)
}

/// The refusal, without the server's port.
async fn refusal(bench: &Bench, server: &Server) -> String {
    bench.refusal().await.replace(&server.address, "http://server")
}

#[tokio::test]
async fn unchanged_repositories_cost_one_question() {
    let (bench, server) = served().await;
    let first = bench.import().await;
    assert_eq!(server.answers(), [format!("200 {RELEASE}"), format!("200 {INDEX}")]);
    let again = bench.sync(Some(&first.fingerprint)).await.expect("a sync");
    assert!(matches!(again, Synced::Unchanged { .. }));
    assert_eq!(server.answers(), [format!("304 {RELEASE}")]);
    // A new state of the suite with the same index fetches no index.
    bench.publish(&Suite { date: "Sun, 01 Mar 2026 11:00:00 UTC".into(), ..Suite::new("bookworm", &package("hello", "1.0-1", "")) });
    assert_eq!(bench.import().await.patches, first.patches);
    assert_eq!(server.answers(), [format!("200 {RELEASE}")]);
}

#[tokio::test]
async fn passing_faults_are_tried_again() {
    let (bench, server) = served().await;
    server.misbehave(RELEASE, vec![Fault::Status(503), Fault::BreaksOff]);
    server.misbehave(INDEX, vec![Fault::BreaksOff, Fault::Hangs]);
    assert_eq!(bench.import().await.patches.len(), 1);
    assert_eq!(server.answers().len(), 6);
}

#[tokio::test]
async fn a_download_goes_on_where_it_was_cut() {
    let (bench, server) = served().await;
    let first = bench.import().await;
    let anew = async |faults: Vec<Fault>| {
        std::fs::remove_dir_all(&bench.folders.cache).expect("removed");
        server.answers();
        server.misbehave(INDEX, faults);
        assert_eq!(bench.import().await.patches, first.patches);
        let answers = server.answers().into_iter().filter(|line| line.ends_with(INDEX));
        answers.map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(anew(vec![Fault::Cut]).await, ["200", "206"]);
    assert_eq!(anew(vec![Fault::CutAndWeak]).await, ["200", "200"]);
    // Another rest than the one that was asked for is not taken, and asked for no more.
    for range in ["bytes 0-2/3", "bytes 1-3/1000", "nonsense"] {
        assert_eq!(anew(vec![Fault::Cut, Fault::Rest(range)]).await, ["200", "206", "200"], "{range}");
    }
    assert_eq!(anew(vec![Fault::Cut, Fault::Status(416)]).await, ["200", "416", "200"]);
    assert_eq!(anew(vec![Fault::Cut, Fault::Status(503)]).await, ["200", "503", "206"]);
    assert_eq!(anew(vec![Fault::CutBefore]).await, ["200", "200"], "the file was exchanged in between");
}

#[tokio::test]
async fn a_server_is_left_alone_as_long_as_it_asks() {
    let (bench, server) = served().await;
    server.misbehave(RELEASE, vec![Fault::Later(429, "0"), Fault::Later(503, "in a moment")]);
    assert_eq!(bench.import().await.patches.len(), 1);
    server.answers();
    // Longer than a sync waits: it ends, and the next one asks again.
    server.misbehave(RELEASE, vec![Fault::Later(503, "3600")]);
    insta::assert_snapshot!("later", refusal(&bench, &server).await);
    assert_eq!(server.answers().len(), 1);
}

#[tokio::test]
async fn lasting_faults_are_told() {
    let (bench, server) = served().await;
    server.misbehave(RELEASE, vec![Fault::Status(503); 3]);
    insta::assert_snapshot!("unavailable", refusal(&bench, &server).await);
    assert_eq!(server.answers().len(), 3);
    server.misbehave(RELEASE, vec![Fault::Status(403)]);
    insta::assert_snapshot!("forbidden", refusal(&bench, &server).await);
    assert_eq!(server.answers().len(), 1, "a refusal is not asked again");
    server.misbehave(RELEASE, vec![Fault::Redirect(RELEASE.into()); 9]);
    insta::assert_snapshot!("redirects", refusal(&bench, &server).await);
    std::fs::remove_file(bench.file("bookworm/InRelease")).expect("removed");
    insta::assert_snapshot!("absent", refusal(&bench, &server).await);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (bench, server) = served().await;
    server.misbehave(INDEX, vec![Fault::Hangs; 3]);
    insta::assert_snapshot!(refusal(&bench, &server).await);
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let (bench, server) = served().await;
    server.misbehave(INDEX, vec![Fault::Endless]);
    insta::assert_snapshot!("index", refusal(&bench, &server).await);
    server.misbehave(RELEASE, vec![Fault::Endless]);
    insta::assert_snapshot!("release", refusal(&bench, &server).await);
}

#[tokio::test]
async fn a_redirection_is_followed() {
    let (bench, server) = served().await;
    let elsewhere = "/dists/elsewhere";
    copy(&bench.file("bookworm/InRelease"), &bench.file("elsewhere"));
    server.misbehave(RELEASE, vec![Fault::Redirect(elsewhere.into())]);
    assert_eq!(bench.import().await.patches.len(), 1);
    assert_eq!(server.answers()[..2], [format!("302 {RELEASE}"), format!("200 {elsewhere}")]);
}

#[tokio::test]
async fn nobody_there_is_told() {
    let (bench, server) = served().await;
    let address = server.address.clone();
    server.task.abort();
    while tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let text = refusal(&bench, &server).await;
    assert!(
        text.starts_with("bookworm could not be fetched; nothing was imported: http://server/dists/bookworm/InRelease did not answer"),
        "{text}"
    );
}

#[tokio::test]
async fn a_sync_can_be_given_to_another_thread() {
    let (bench, _server) = served().await;
    let patches = tokio::spawn(async move { bench.import().await.patches.len() }).await.expect("a sync");
    assert_eq!(patches, 1);
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("copied");
}
