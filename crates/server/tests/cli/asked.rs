//! Lists that queries make: results and the audit log.

use crate::harness::Harness;
use crate::harness::samples::{bookworm, patch};
use crate::terminal::Terminal;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_searched_exported_and_checked() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    terminal.run(&["tags", "create", "Sites"]).await.fine();
    terminal.run(&["tags", "create", "Berlin", "--parent", "Sites"]).await.fine();
    let made = terminal.json(&["audit", "action:tag.create and actor:ada"]).await;
    let subjects: Vec<&Value> = made.as_array().expect("a list").iter().map(|entry| &entry["after"]["name"]).collect();
    assert_eq!(subjects, ["Berlin", "Sites"], "newest first");
    assert_eq!(terminal.json(&["audit", "action:tag.create", "--count"]).await["total"], 2);
    assert!(terminal.run(&["audit", "action:tag.create", "--count"]).await.fine().out.contains("2 entries"));
    let table = terminal.run(&["audit", "action:tag.create", "--limit", "1"]).await.fine().out;
    assert!(table.contains("tag.create") && table.contains("ada") && table.contains("127.0.0.1"), "{table}");
    let csv = terminal.run(&["audit", "action:tag.create", "--output", "csv"]).await.fine().out;
    assert_eq!((csv.lines().next(), csv.lines().count()), (Some("number,when,who,from,action,subject"), 3));
    let file = terminal.home().join("audit.csv");
    terminal.run(&["audit", "export", "action:tag.create", "--file", &file.display().to_string()]).await.fine();
    let exported = std::fs::read_to_string(&file).expect("written");
    assert!(exported.starts_with("number,at,") && exported.lines().count() == 3, "{exported}");
    assert!(terminal.run(&["audit", "verify"]).await.fine().out.contains("is whole"));
    assert_eq!(terminal.json(&["audit", "verify"]).await["whole"], true);
    // A wrong query is a wrong command line, shown with its place.
    terminal.run(&["audit", "nobody:ada"]).await.fails(2, "nobody:ada").fails(2, "^");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_listed_counted_and_exported() {
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1").await;
    machine.scan_fully(&bookworm("web-1", &[("openssl", "3.0.11-1")])).await.expect("scanned");
    let feed = harness.feed("samples").await;
    harness.import(feed, &[patch("openssl", "3.0.17-1", Some("3.0.11-1"))]).await;
    let terminal = Terminal::administrator(&harness).await;
    assert_eq!(terminal.json(&["results"]).await.as_array().map(Vec::len), Some(0));
    let id = "debian:bookworm:openssl@3.0.17-1";
    terminal.run(&["jobs", "create", "--install", "--patch", id, "--asset", "web-1", "--name", "Monthly", "--enable"]).await.fine();
    crate::harness::eventually("the job runs", async || {
        let results = terminal.json(&["results", "job:monthly and status:pending"]).await;
        (results.as_array().map(Vec::len) == Some(1)).then_some(())
    })
    .await;
    let row = &terminal.json(&["results", "asset.name:web patch.title:openssl"]).await[0];
    assert_eq!((row["asset"]["name"].as_str(), row["patch"]["id"].as_str()), (Some("web-1"), Some(id)));
    assert!(terminal.run(&["results", "--count"]).await.fine().out.contains("1 result"));
    let table = terminal.run(&["results", "--limit", "5"]).await.fine().out;
    assert!(table.contains("Monthly") && table.contains("pending"), "{table}");
    let csv = terminal.run(&["results", "export", "status:pending"]).await.fine().out;
    assert!(csv.starts_with("job_id,job,") && csv.contains(id), "{csv}");
    let jobs = terminal.json(&["jobs", "name:monthly and lastRun>now-1h", "--sort", "-lastRun"]).await;
    assert_eq!(jobs[0]["name"], "Monthly");
    assert_eq!(terminal.json(&["jobs", "not name:monthly"]).await.as_array().map(Vec::len), Some(0));
}
