use super::*;
use crate::installer::{InstallerKind, InstallerScope};
use proptest::prelude::*;

fn prefix(from: &str, to: &str) -> MirrorRule {
    MirrorRule::Prefix { from: from.to_owned(), to: to.to_owned() }
}

fn one(digest: u8, to: &str) -> MirrorRule {
    MirrorRule::Installer { sha256: Sha256Digest([digest; 32]), to: to.to_owned() }
}

fn installer(url: &str, digest: u8) -> Installer {
    Installer {
        kind: InstallerKind::Msi,
        architecture: "x64".to_owned(),
        scope: InstallerScope::Machine,
        locale: None,
        url: url.to_owned(),
        size: None,
        sha256: Sha256Digest([digest; 32]),
        signed_by: None,
        file: None,
        silent_arguments: String::new(),
        success_codes: Vec::new(),
        reboot_codes: Vec::new(),
    }
}

fn flaws(rule: MirrorRule) -> Vec<String> {
    rule.checked(false).expect_err("is refused").into_iter().map(|flaw| format!("{}: {}", flaw.field, flaw.message)).collect()
}

#[test]
fn refusals_say_what_to_do() {
    let rules = [
        prefix("https://a.example/x", "https://b.example/"),
        prefix("ftp://a.example/", "http://b.example/"),
        prefix("https://a.example/", "https://me:secret@b.example/"),
        prefix("https://a.example/?x=/", "https://b.example/#/"),
        prefix("https://a.example/", "https://a.example/mirror/"),
        prefix("a.example", &format!("https://b.example/{}/", "x".repeat(MAX_ADDRESS))),
        one(1, "file:///etc/passwd"),
    ];
    insta::assert_snapshot!(rules.map(|rule| flaws(rule).join("\n")).join("\n\n"));
}

#[test]
fn plain_http_wants_to_be_allowed() {
    let rule = prefix("http://a.example/", "http://b.example/");
    assert!(rule.clone().checked(false).is_err());
    assert_eq!(rule.clone().checked(true), Ok(rule));
}

#[test]
fn addresses_are_compared_as_hosts_are() {
    let rule = prefix("HTTPS://Download.Example:443/x/", "https://Mirror.example/").checked(false).expect("is fine");
    assert_eq!(rule, prefix("https://download.example/x/", "https://mirror.example/"));
    let mirrors = Mirrors::new([&rule]);
    let moved = |url| mirrors.replacement(&installer(url, 1));
    assert_eq!(moved("https://DOWNLOAD.example/x/a/7z.msi?v=1").as_deref(), Some("https://mirror.example/a/7z.msi?v=1"));
    for other in [
        "https://download.example/xy/7z.msi",
        "https://download.example.evil/x/7z.msi",
        "https://download.example:8443/x/7z.msi",
        "http://download.example/x/7z.msi",
        "https://download.example/x/../7z.msi",
        "https://download.example/x/%2e%2e/7z.msi",
        "https://download.example@evil.example/x/7z.msi",
        "not an address",
    ] {
        assert_eq!(moved(other), None, "{other}");
    }
}

#[test]
fn the_closest_rule_wins_and_is_applied_once() {
    let rules = [
        prefix("https://a.example/", "https://m.example/all/"),
        prefix("https://a.example/x/", "https://m.example/x/"),
        one(7, "https://m.example/seven"),
    ];
    let mirrors = Mirrors::new(&rules);
    let moved = |url, digest| mirrors.replacement(&installer(url, digest));
    assert_eq!(moved("https://a.example/x/1", 1).as_deref(), Some("https://m.example/x/1"));
    assert_eq!(moved("https://a.example/y/1", 1).as_deref(), Some("https://m.example/all/y/1"));
    assert_eq!(moved("https://a.example/x/1", 7).as_deref(), Some("https://m.example/seven"));
    assert_eq!(moved("https://b.example/x/1", 1), None);
}

#[test]
fn rules_that_lead_into_each_other_are_refused() {
    let there = prefix("https://a.example/", "https://b.example/");
    let back = prefix("https://b.example/", "https://a.example/");
    let on = prefix("https://b.example/x/", "https://c.example/");
    let before = prefix("https://z.example/", "https://a.example/x/");
    assert!(there.clash(&back).is_some() && back.clash(&there).is_some());
    assert_eq!(there.clash(&on), None, "what leads above a folder does not lead into it");
    assert!(on.clash(&prefix("https://q.example/", "https://b.example/x/y/")).is_some());
    assert_eq!(there.clash(&before), Some("leads to addresses that this one replaces"));
    assert_eq!(before.clash(&there), Some("replaces the addresses that this one leads to"));
    assert_eq!(there.clash(&there.clone()), Some("replaces the same addresses"));
    assert!(one(1, "https://x.example/").clash(&one(1, "https://y.example/")).is_some());
    assert_eq!(one(1, "https://x.example/").clash(&one(2, "https://x.example/")), None);
}

proptest! {
    /// Whatever the rules are, an address either stays or begins as one of them says, and nothing panics.
    #[test]
    fn an_address_goes_where_a_rule_leads(
        from in "https?://[a-c]\\.example/([a-b]/){0,2}",
        to in "https://m\\.example/([a-b]/){0,2}",
        url in "https?://[a-c]\\.example/([a-b]/){0,3}[a-z%./]{0,8}",
    ) {
        let rule = prefix(&from, &to).checked(true).expect("is fine");
        match Mirrors::new([&rule]).replacement(&installer(&url, 1)) {
            Some(moved) => prop_assert!(moved.starts_with(&to)),
            None => prop_assert!(!Url::parse(&url).expect("an address").as_str().starts_with(&from)),
        }
    }
}
