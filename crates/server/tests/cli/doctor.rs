//! The doctor, with the server up and down.

use crate::harness::Harness;
use crate::terminal::Terminal;
use serde_json::Value;

fn verdict<'a>(findings: &'a Value, subject: &str) -> &'a str {
    let all = findings.as_array().expect("a list");
    let found = all.iter().find(|finding| finding["subject"] == subject).unwrap_or_else(|| panic!("no {subject} in {findings}"));
    found["verdict"].as_str().expect("a word")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_installation_is_called_healthy_and_a_stopped_one_stopped() {
    let mut harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let data = harness.folder().display().to_string();
    let (console, agents) = (harness.server().console.to_string(), harness.server().agents.to_string());
    let doctor = ["doctor", "--data", &data, "--listen", &console, "--agent-listen", &agents];
    let ended = terminal.run(&[&doctor[..], &["--output", "json"]].concat()).await;
    let up: Value = serde_json::from_str(&ended.out).expect("JSON");
    for subject in ["data folder", "secrets", "database", "gpgv", "certificate authority", "console port", "agent port", "server"] {
        assert_eq!(verdict(&up, subject), "ok", "{subject}: {up}");
    }
    assert_eq!(verdict(&up, "feeds"), "warn");

    harness.stop().await;
    let ended = terminal.run(&[&doctor[..], &["--output", "json"]].concat()).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    let down: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!((verdict(&down, "database"), verdict(&down, "console port"), verdict(&down, "server")), ("ok", "warn", "fail"));
    assert!(terminal.run(&doctor).await.out.contains("what to do: start it with `fettle serve"));
}
