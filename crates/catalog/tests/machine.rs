//! A machine's apt configuration as a feed.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use fettle_catalog::sources::from_machine;
use fettle_catalog::{FeedConfig, Folders};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines").join(name)
}

/// The answer as people would read it.
fn told(name: &str) -> String {
    let found = from_machine(&fixture(name)).expect("readable");
    let mut lines = vec![format!("{} {}", found.release, found.architectures.join(" "))];
    for source in &found.sources {
        let keyring = String::from(source.keyring.clone());
        lines.push(format!("taken: {} {} {} [{keyring}]", source.uri, source.suite, source.components.join(" ")));
    }
    lines.extend(found.skipped.iter().map(|skipped| format!("skipped: {} ({}): {}", skipped.entry, skipped.file.display(), skipped.why)));
    lines.extend(found.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

#[test]
fn a_machine_with_paragraphs() {
    insta::assert_snapshot!(told("bookworm"));
}

#[test]
fn a_machine_with_lines_and_strangers() {
    insta::assert_snapshot!(told("jammy"));
}

#[test]
fn a_machine_without_security_repository() {
    insta::assert_snapshot!(told("plain"));
}

#[test]
fn what_is_found_can_be_used_as_a_feed() {
    let feed = from_machine(&fixture("bookworm")).expect("readable").feed().expect("a feed");
    assert_eq!(feed.check(&Folders::new(Path::new("/data"), "x")), []);
    let json = serde_json::to_string_pretty(&feed).expect("JSON");
    insta::assert_snapshot!(json);
    assert_eq!(serde_json::from_str::<FeedConfig>(&json).expect("a feed"), feed);
}

#[test]
fn a_folder_that_is_no_machine_is_told() {
    let refused = |name: &str| from_machine(&fixture(name)).expect_err("no machine").to_string().replace(env!("CARGO_MANIFEST_DIR"), "");
    insta::assert_snapshot!(refused("nothing"), @"/tests/machines/nothing/etc/os-release does not name a Debian or Ubuntu release (ID and VERSION_CODENAME); give a feed's sources by hand");
}
