//! What a feed's configuration may say, and what a difference between imports is.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use fettle_catalog::{DebianFeed, FeedConfig, Folders, Keyring, Location, diff};
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::Rule;
use rstest::rstest;
use std::path::{Path, PathBuf};

const GOOD: &str = r#"{
    "kind": "debian", "release": "debian/bookworm", "architectures": ["amd64"],
    "sources": [{"uri": "https://mirror.example/debian/", "suite": "bookworm-security", "components": ["main"], "keyring": "/usr/share/keyrings/a.gpg"}]
}"#;

fn good() -> DebianFeed {
    let FeedConfig::Debian(feed) = serde_json::from_str(GOOD).expect("a feed") else { unreachable!("another kind") };
    feed
}

fn flaws(feed: DebianFeed) -> String {
    let flaws = FeedConfig::Debian(feed).check(&Folders::new(Path::new("/data"), "one"));
    flaws.iter().map(|flaw| format!("{}: {}", flaw.field, flaw.message)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_good_configuration_has_no_flaws() {
    assert_eq!(flaws(good()), "");
    let mut own = good();
    own.sources[0].keyring = Keyring::File("/data/keyrings/own.asc".into());
    assert_eq!(flaws(own), "");
}

#[test]
fn every_flaw_is_told_with_its_field() {
    let mut feed = good();
    feed.release = ReleaseKey("bookworm".into());
    feed.architectures = vec!["all".into()];
    let mut second = feed.sources[0].clone();
    feed.sources[0].suite = "./".into();
    feed.sources[0].components = vec![];
    feed.sources[0].keyring = Keyring::File("/data/secrets/../keyrings/x".into());
    second.suite = "../../etc".into();
    second.components = vec!["main/../..".into()];
    second.keyring = Keyring::Inline("x".repeat(300_000));
    feed.sources.push(second);
    insta::assert_snapshot!(flaws(feed));
    let nothing = DebianFeed { sources: vec![], architectures: vec![], ..good() };
    insta::assert_snapshot!(flaws(nothing));
}

#[test]
fn unknown_fields_are_refused() {
    let refused = |text: String| serde_json::from_str::<FeedConfig>(&text).expect_err("refused").to_string();
    assert!(refused(GOOD.replacen("\"release\"", "\"relase\": 1, \"release\"", 1)).contains("relase"));
    assert!(refused(GOOD.replacen("\"suite\"", "\"trusted\": true, \"suite\"", 1)).contains("trusted"));
    assert!(refused(GOOD.replacen("debian", "pacman", 1)).contains("pacman"));
}

#[rstest]
#[case("ftp://mirror.example/debian", "addresses that start with ftp: are not supported; give http, https or file")]
#[case("http://user:secret@mirror.example/", "the address contains a user name or password; feeds are read without credentials")]
#[case("mirror.example/debian", r#""mirror.example/debian" is not an address; give http://…, https://…, file:///… or an absolute path"#)]
#[case("file://elsewhere/x", r#""file://elsewhere/x" is not an address; give http://…, https://…, file:///… or an absolute path"#)]
fn other_addresses_are_refused(#[case] text: &str, #[case] message: &str) {
    assert_eq!(Location::parse(text).map_err(|error| error.to_string()), Err(message.to_owned()));
}

#[test]
fn a_path_is_an_address() {
    assert_eq!(Location::parse("/srv/mirror").map(|location| location.to_string()), Ok("file:///srv/mirror".to_owned()));
}

#[test]
fn keyrings_are_read_only_from_their_folders() {
    let folders = Folders::new(Path::new("/data"), "one");
    assert_eq!(folders.cache, PathBuf::from("/data/feeds/one"));
    for path in ["/usr/share/keyrings/a.gpg", "/etc/apt/keyrings/a.asc", "/etc/apt/trusted.gpg.d/a.asc", "/data/keyrings/a/b.gpg"] {
        assert!(folders.allows_keyring(Path::new(path)), "{path}");
    }
    for path in ["/etc/shadow", "/usr/share/keyrings", "/usr/share/keyrings/../../../etc/shadow", "usr/share/keyrings/a", "/data/secrets/a"]
    {
        assert!(!folders.allows_keyring(Path::new(path)), "{path}");
    }
}

fn patch(id: &str, title: &str) -> Patch {
    Patch {
        id: fettle_model::ids::PatchId(id.into()),
        vendor: "Debian".into(),
        title: title.into(),
        description: String::new(),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: "x".into(),
        products: vec![],
        architectures: vec![],
        bulletin: None,
        advisory_url: None,
        category: Category::NonSecurity,
        vendor_severity: Severity::None,
        cves: vec![],
        published_at: None,
        modified_at: None,
        supersedes: vec![],
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 1 },
        rollback: Rollback::No,
        rule: Rule::Dpkg { release: ReleaseKey("debian/bookworm".into()), binaries: vec![], sources: vec![] },
        source: "test".into(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}

#[test]
fn a_difference_names_what_to_write() {
    let old = [patch("gone", "x"), patch("same", "x"), patch("other", "x"), Patch { enabled: false, ..patch("off", "x") }];
    let new = [patch("same", "x"), patch("other", "y"), patch("off", "x"), patch("new", "x")];
    let found = diff(&old, &new);
    let ids = |list: &[&Patch]| list.iter().map(|patch| patch.id.to_string()).collect::<Vec<_>>();
    assert_eq!(
        (ids(&found.added), ids(&found.changed), ids(&found.withdrawn)),
        (vec!["new".into()], vec!["other".into()], vec!["gone".into()])
    );
    // Switching a patch off is the administrator's doing.
    assert_eq!(found.unchanged, 2);
    assert!(!found.is_empty() && diff(&new, &new).is_empty());
}

#[test]
fn lists_of_advisories_are_none_one_or_several() {
    let with = |lists: &str| {
        let text = format!(r#"{{"kind": "debian", "release": "debian/bookworm", "sources": [], "architectures": ["amd64"]{lists}}}"#);
        let FeedConfig::Debian(feed) = serde_json::from_str(&text).expect("a feed") else { unreachable!("another kind") };
        feed.advisories.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(with("").is_empty());
    assert!(with(r#", "advisories": null"#).is_empty());
    assert_eq!(with(r#", "advisories": "https://a.example/list""#), ["https://a.example/list"]);
    let two = r#", "advisories": ["https://a.example/list", "file:///b"]"#;
    assert_eq!(with(two), ["https://a.example/list", "file:///b"]);
}
