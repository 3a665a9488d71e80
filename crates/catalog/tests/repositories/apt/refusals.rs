//! What must never be imported, and what people are told.

use super::signed::{Bench, Suite, package, write};
use crate::key::Key;
use fettle_catalog::Keyring;
use std::collections::BTreeMap;

const INDEX: &str = "bookworm/main/binary-amd64/Packages.xz";

fn suite() -> Suite {
    Suite::new("bookworm", &package("hello", "1.0-1", ""))
}

#[tokio::test]
async fn a_changed_release_is_refused() {
    let bench = Bench::with_one_package();
    bench.tamper("bookworm/InRelease", |bytes| {
        String::from_utf8(bytes).expect("text").replacen("Origin: Debian", "Origin: Debiam", 1).into_bytes()
    });
    let text = bench.refusal().await;
    let key = text.split("signature by key ").nth(1).and_then(|rest| rest.split(')').next()).expect("a key").to_owned();
    insta::assert_snapshot!(text.replace(&key, "KEY"));
}

#[tokio::test]
async fn a_release_without_signature_is_refused() {
    let bench = Bench::with_one_package();
    bench.tamper("bookworm/InRelease", |bytes| {
        let text = String::from_utf8(bytes).expect("text");
        text.lines().skip(3).take_while(|line| !line.starts_with("-----")).map(|line| format!("{line}\n")).collect::<String>().into_bytes()
    });
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn text_around_the_signed_message_is_refused() {
    let bench = Bench::with_one_package();
    bench.tamper("bookworm/InRelease", |bytes| [b"Origin: Debian\n".as_slice(), &bytes].concat());
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn a_signature_by_an_unknown_key_is_refused() {
    let bench = Bench::with_one_package();
    bench.publish_signed_by(&suite(), &Key::new());
    let text = bench.refusal().await;
    let key = text.split("by key ").nth(1).and_then(|rest| rest.split(',').next()).expect("a key").to_owned();
    insta::assert_snapshot!(text.replace(&key, "KEY"));
}

#[tokio::test]
async fn a_signature_by_an_expired_key_is_refused() {
    let bench = Bench::with_one_package();
    let expired = Key::expired();
    bench.publish_signed_by(&suite(), &expired);
    write(&bench.root.path().join("keyrings/test.gpg"), &expired.public());
    let text = bench.refusal().await;
    let key = text.split("by key ").nth(1).and_then(|rest| rest.split(',').next()).expect("a key").to_owned();
    insta::assert_snapshot!(text.replace(&key, "KEY"));
}

#[tokio::test]
async fn a_damaged_keyring_is_told() {
    let bench = Bench::with_one_package();
    write(&bench.root.path().join("keyrings/test.gpg"), b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n?\n");
    insta::assert_snapshot!("damaged", bench.refusal().await);
    write(&bench.root.path().join("keyrings/test.gpg"), b"");
    insta::assert_snapshot!("empty", bench.refusal().await);
    std::fs::remove_file(bench.root.path().join("keyrings/test.gpg")).expect("removed");
    insta::assert_snapshot!("absent", bench.refusal().await);
}

#[tokio::test]
async fn a_keyring_elsewhere_is_not_read() {
    let mut bench = Bench::with_one_package();
    bench.debian().sources[0].keyring = Keyring::File("/etc/shadow".into());
    insta::assert_snapshot!(bench.refusal().await);
    let outside = bench.root.path().join("keyrings/../secrets/key");
    bench.debian().sources[0].keyring = Keyring::File(outside);
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn a_changed_index_is_refused() {
    let bench = Bench::with_one_package();
    bench.tamper(INDEX, |mut bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    });
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn an_index_of_another_size_is_refused() {
    let bench = Bench::with_one_package();
    bench.tamper(INDEX, |mut bytes| {
        bytes.truncate(100);
        bytes
    });
    insta::assert_snapshot!("truncated", bench.refusal().await);
    bench.publish(&suite());
    bench.tamper(INDEX, |bytes| [bytes, vec![0; 1000]].concat());
    insta::assert_snapshot!("too_long", bench.refusal().await);
}

#[tokio::test]
async fn a_missing_index_is_told() {
    let bench = Bench::with_one_package();
    std::fs::remove_file(bench.file(INDEX)).expect("removed");
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn a_missing_repository_is_told() {
    let bench = Bench::new(&["bookworm"]);
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn an_expired_release_is_refused() {
    let bench = Bench::with_one_package();
    bench.publish(&Suite { fields: "Valid-Until: Sun, 01 Mar 2026 11:00:00 UTC\n".into(), ..suite() });
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn a_release_from_the_future_is_refused() {
    let bench = Bench::with_one_package();
    bench.clock.advance_millis(-24 * 3600 * 1000);
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn a_suite_that_is_not_for_automatic_updates_is_refused() {
    let bench = Bench::with_one_package();
    bench.publish(&Suite { fields: "NotAutomatic: yes\nButAutomaticUpgrades: yes\n".into(), ..suite() });
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn another_suite_or_release_is_refused() {
    let mut bench = Bench::with_one_package();
    std::fs::rename(bench.file("bookworm"), bench.file("trixie")).expect("renamed");
    bench.debian().sources[0].suite = "trixie".into();
    insta::assert_snapshot!("another_suite", bench.refusal().await);
    bench.publish(&Suite { codename: "forky".into(), ..Suite::new("trixie", "") });
    insta::assert_snapshot!("another_release", bench.refusal().await);
}

#[tokio::test]
async fn a_component_that_is_not_there_is_told() {
    let mut bench = Bench::with_one_package();
    bench.debian().sources[0].components = vec!["mian".into()];
    insta::assert_snapshot!(bench.refusal().await);
}

#[tokio::test]
async fn a_decompression_bomb_is_given_up() {
    let bench = Bench::with_one_package();
    let bomb = Suite::new("bookworm", &"Package: x\n".repeat(1_000_000));
    let stated = BTreeMap::from([("main/binary-amd64/Packages".to_owned(), ("00".repeat(32), 2_000))]);
    bench.publish(&Suite { stated: stated.clone(), ..bomb });
    insta::assert_snapshot!("xz", bench.refusal().await);
    bench.publish(&Suite { stated, packings: vec!["", ".gz"], ..Suite::new("bookworm", &" x".repeat(1_000_000)) });
    insta::assert_snapshot!("gzip", bench.refusal().await);
}

#[tokio::test]
async fn an_index_that_unpacks_to_something_else_is_refused() {
    let bench = Bench::with_one_package();
    let index = suite().packages["amd64"].len() as u64;
    let stated = BTreeMap::from([("main/binary-amd64/Packages".to_owned(), ("00".repeat(32), index))]);
    bench.publish(&Suite { stated, ..suite() });
    let text = bench.refusal().await;
    let digest = text.split("SHA-256 is ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a digest").to_owned();
    insta::assert_snapshot!(text.replace(&digest, "GOT"));
}

#[tokio::test]
async fn absurd_announcements_are_refused_before_anything_is_fetched() {
    let bench = Bench::with_one_package();
    let stated = |path: &str| BTreeMap::from([(path.to_owned(), ("00".repeat(32), u64::MAX))]);
    bench.publish(&Suite { stated: stated("main/binary-amd64/Packages.xz"), ..suite() });
    insta::assert_snapshot!("packed", bench.refusal().await);
    bench.publish(&Suite { stated: stated("main/binary-amd64/Packages"), ..suite() });
    insta::assert_snapshot!("unpacked", bench.refusal().await);
}

#[tokio::test]
async fn absurd_fields_are_refused() {
    let bench = Bench::new(&["bookworm"]);
    bench.publish(&Suite::new("bookworm", &package("hello", &"1".repeat(10_000), "")));
    insta::assert_snapshot!("long_version", bench.refusal().await);
    bench.publish(&Suite::new("bookworm", &package("hello", "1", &format!("Depends: {}\n", "x".repeat(600_000)))));
    insta::assert_snapshot!("long_line", bench.refusal().await);
    bench.publish(&Suite::new("bookworm", &package("../../etc/passwd", "1", "")));
    insta::assert_snapshot!("odd_name", bench.refusal().await);
    bench.publish(&Suite::new("bookworm", "Package: hello\n\n"));
    insta::assert_snapshot!("missing_version", bench.refusal().await);
    bench.publish(&Suite::new("bookworm", "<html>\n"));
    insta::assert_snapshot!("no_index", bench.refusal().await);
}
