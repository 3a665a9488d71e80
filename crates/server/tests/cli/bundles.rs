//! A catalog carried from a server with internet to one without.

use crate::harness::Harness;
use crate::harness::samples::{bookworm, patch};
use crate::terminal::Terminal;
use fettle_server::work::Reconciler;

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_is_carried_to_a_server_without_internet() {
    let (outside, inside) = (Harness::start().await, Harness::start_another().await);
    let (out, inn) = (Terminal::administrator(&outside).await, Terminal::administrator(&inside).await);
    let machine = inside.enrolled("web-1").await;
    machine.scan_fully(&bookworm("web-1", &[("curl", "1"), ("vim", "1")])).await.expect("scanned");
    let feed = outside.feed("bookworm").await;
    outside.import(feed, &[patch("curl", "2", Some("1"))]).await;

    let stick = out.home().join("catalog.fettle-catalog");
    let stick = stick.to_str().expect("text");
    let wrote = out.run(&["catalog", "export", "--out", stick]).await.fine().out;
    assert!(wrote.contains("Wrote number 1") && wrote.contains("everything, 1 record of 1 feed"), "{wrote}");
    inn.run(&["catalog", "import", stick]).await.fails(1, "trust the exporting server's key first");
    let key = out.run(&["catalog", "key"]).await.fine().out;
    assert!(key.starts_with("fettle-catalog:"), "{key}");
    inn.run(&["catalog", "trust", key.trim(), "--name", "outside"]).await.fine();
    let did = inn.run(&["catalog", "import", stick]).await.fine().out;
    assert_eq!(did, "Imported number 1 of outside.\nbookworm: 1 added, 0 changed, 0 withdrawn; 1 in all\n");
    inside.work(Reconciler::Reassess).await;
    assert_eq!(inn.json(&["assets"]).await[0]["latest_missing"], 1);
    assert!(inn.run(&["feeds"]).await.fine().out.contains("bookworm"));

    outside.import(feed, &[patch("curl", "3", Some("1")), patch("vim", "2", None)]).await;
    out.run(&["catalog", "export", "--out", stick, "--since", "1", "--days", "7"]).await.fine();
    let did = inn.run(&["catalog", "import", stick]).await.fine().out;
    assert_eq!(did, "Imported number 2 of outside.\nbookworm: 2 added, 0 changed, 1 withdrawn; 2 in all\n");
    inside.work(Reconciler::Reassess).await;
    assert_eq!(inn.json(&["assets"]).await[0]["latest_missing"], 2);
    let did = inn.run(&["catalog", "import", stick]).await.fine().out;
    assert_eq!(did, "Nothing to do: number 2 of outside was imported before.\n");
    assert_eq!(inn.json(&["catalog", "sources"]).await[0]["imported"]["sequence"], 2);

    inn.run(&["catalog", "untrust", "outside"]).await.fine();
    inside.work(Reconciler::Reassess).await;
    assert_eq!(inn.json(&["assets"]).await[0]["latest_missing"], 0);
    assert_eq!(inn.json(&["feeds"]).await.as_array().map(Vec::len), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_written_whole_or_not_at_all() {
    let outside = Harness::start().await;
    let terminal = Terminal::administrator(&outside).await;
    let stick = terminal.home().join("stick");
    std::fs::create_dir(&stick).expect("a folder");
    let file = stick.join("catalog.fettle-catalog");
    std::fs::write(&file, "what was there").expect("written");
    let export = ["catalog", "export", "--out", file.to_str().expect("text"), "--since", "5"];
    terminal.run(&export).await.fails(1, "remembered are none");
    assert_eq!(std::fs::read_to_string(&file).expect("is there"), "what was there");
    assert_eq!(std::fs::read_dir(&stick).expect("a folder").count(), 1, "nothing is left over");
}
