//! The vendor's API, played by a small server.

use crate::documents::{Bench, Line, json};
use fettle_catalog::{FeedConfig, Folders, Location, MICROSOFT_API, MicrosoftFeed, Synced};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Serves files of a folder by their paths; tells what was asked for.
async fn serve(folder: PathBuf) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let (mut line, mut path, mut wants_json) = (String::new(), String::new(), false);
            while stream.read_line(&mut line).await.is_ok_and(|count| count > 2) {
                if let Some(rest) = line.strip_prefix("GET ") {
                    path = rest.split(' ').next().unwrap_or_default().to_owned();
                }
                wants_json |= line.to_lowercase().trim() == "accept: application/json";
                line.clear();
            }
            let body = std::fs::read(folder.join(path.trim_start_matches('/'))).ok().filter(|_| wants_json);
            let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
            let body = body.unwrap_or_default();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            log.lock().expect("a lock").push(path);
            drop(stream.write_all(head.as_bytes()).await);
            drop(stream.write_all(&body).await);
        }
    });
    (address, asked)
}

fn index(months: &[(&str, &str)]) -> String {
    let entry = |(id, revised): &(&str, &str)| serde_json::json!({"ID": id, "InitialReleaseDate": "2024-01-09T08:00:00Z", "CurrentReleaseDate": revised});
    serde_json::json!({"value": months.iter().map(entry).collect::<Vec<_>>()}).to_string()
}

#[tokio::test]
async fn only_new_revisions_are_fetched() {
    let mut bench = Bench::new();
    let (january, february) = ("2024-01-09T08:00:00Z", "2024-02-13T08:00:00Z");
    let line = Line::new("CVE-2024-0001", "5034122", &["100"], "10.0.19045.3930");
    bench.write("updates", index(&[("2024-Jan", january)]));
    bench.write("cvrf/2024-Jan", json("2024-Jan", january, &[line]));
    let (address, asked) = serve(bench.path().to_owned()).await;
    bench.source = Location::parse(&address).expect("a location");
    let (_, fingerprint, _) = bench.patches().await;
    assert!(matches!(bench.sync(Some(&fingerprint)).await, Ok(Synced::Unchanged { .. })));
    bench.write("updates", index(&[("2024-Jan", january), ("2024-Feb", february)]));
    bench.write("cvrf/2024-Feb", json("2024-Feb", february, &[Line { fix: "5034763", ..line }]));
    let Ok(Synced::Changed { content, .. }) = bench.sync(Some(&fingerprint)).await else { panic!("nothing changed") };
    let patches = content.into_patches();
    assert_eq!(patches.len(), 2);
    let asked = asked.lock().expect("a lock").clone();
    assert_eq!(asked, ["/updates", "/cvrf/2024-Jan", "/updates", "/updates", "/cvrf/2024-Feb"]);
}

#[tokio::test]
async fn a_list_with_strange_names_is_refused() {
    let mut bench = Bench::new();
    bench.write("updates", index(&[("../../etc/passwd", "2024-01-09T08:00:00Z")]));
    let (address, _) = serve(bench.path().to_owned()).await;
    bench.source = Location::parse(&address).expect("a location");
    assert!(bench.refusal().await.contains("is no id of a document"));
}

#[test]
fn documents_travel_encrypted_or_in_a_folder() {
    let flaws = |source: &str, since: Option<&str>| {
        let feed = MicrosoftFeed { source: Location::parse(source).expect("a location"), since: since.map(str::to_owned) };
        let flaws = FeedConfig::Microsoft(feed).check(&Folders::new(Path::new("/data"), "one"));
        flaws.into_iter().map(|flaw| flaw.field).collect::<Vec<_>>()
    };
    assert!(flaws(MICROSOFT_API, Some("2023-01-01")).is_empty());
    assert!(flaws("/srv/msrc", None).is_empty());
    assert_eq!(flaws("http://mirror.example/msrc", Some("last year")), ["source", "since"]);
}
