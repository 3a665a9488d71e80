//! The reference is true: every command in it runs, in its order.

use crate::harness::Harness;
use crate::harness::samples::{bookworm, patch};
use crate::terminal::{PASSWORD, Terminal};
use fettle_model::ids::PatchId;

/// Commands that need what a test must not touch.
const NOT_HERE: &[(&str, &str)] = &[
    ("fettle feeds from-machine", "reads the package sources of whatever machine the test runs on"),
    ("fettle catalog import outside.fettle-catalog", "needs another server, which the tests of bundles have"),
    ("fettle catalog sync", "would ask archives on the network; tested with an archive of its own"),
];

/// The commands in blocks of one language, and the text of the others.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, block)) = rest.split_once(&format!("```{language}\n")) {
        let (block, after) = block.split_once("```").expect("a block has an end");
        found.push(block);
        rest = after;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_reference_runs() {
    let text = include_str!("../../../../docs/reference/cli.md");
    let harness = Harness::start().await;
    let machine = harness.enrolled("web-1.corp.example").await;
    machine.scan_fully(&bookworm("web-1.corp.example", &[("openssl", "3.0.11-1")])).await.expect("scanned");
    let feed = harness.feed("samples").await;
    let mut fix = patch("openssl", "3.0.17-1", Some("3.0.11-1"));
    fix.id = PatchId("debian:bookworm:DSA-5678-1".to_owned());
    fix.cves = vec!["CVE-2024-21412".to_owned()];
    harness.import(feed, &[fix]).await;

    let terminal = Terminal::at(&harness);
    std::fs::write(terminal.home().join("password.txt"), PASSWORD).expect("written");
    std::fs::write(terminal.home().join("monthly.toml"), blocks(text, "toml").concat()).expect("written");
    let data = harness.folder().display().to_string();
    let (console, agents) = (harness.server().console.to_string(), harness.server().agents.to_string());
    let doctor = format!("fettle doctor --listen {console} --agent-listen {agents}");
    let mut ran = 0;
    for command in blocks(text, "console").iter().flat_map(|block| block.lines()).filter_map(|line| line.strip_prefix("$ ")) {
        if NOT_HERE.iter().any(|(left_out, _)| command == *left_out) {
            continue;
        }
        // Nobody carries the jobs out here, so nobody needs to be watched for long.
        let here = command.replace("https://fettle.example:8480", &harness.console()).replace("--timeout 3600", "--timeout 1");
        let here = here.replace("/var/lib/fettle", &data).replace("fettle doctor", &doctor);
        terminal.shell(&here).await.fine();
        ran += 1;
    }
    assert!(ran > 40, "only {ran} commands were found");
}
