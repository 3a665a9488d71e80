//! What is refused, with its reason.

use super::made::{Bench, Line, Update, primary, updateinfo};
use crate::key::Key;
use rstest::rstest;

const TOOL: Line = ("tool", "0", "1.0", "1.el9", "x86_64", "tool");

fn advisories() -> String {
    let update = Update { id: "A:1", kind: "security", severity: "Low", issued: "2024-01-02", cves: &[], reboot: false, packages: &[TOOL] };
    updateinfo(&[update])
}

#[rstest]
#[case::sum("type=\"sha256\"", "type=\"md5\"", "only sha256 is accepted")]
#[case::outside("href=\"repodata/", "href=\"../", "unusable location")]
#[case::elsewhere("href=\"repodata/", "href=\"https://evil.example/", "unusable location")]
#[case::size("<size>", "<size>1", "truncated or the mirror is being updated")]
#[case::open_size("<open-size>", "<open-size>1", "the repository states")]
#[case::huge("<size>", "<size>99999999999", "more than the")]
#[case::no_packages("type=\"primary\"", "type=\"filelists\"", "states no packages")]
#[case::declared("<repomd ", "<!DOCTYPE repomd [<!ENTITY a \"b\">]><repomd ", "document type")]
#[case::foreign("metadata/repo\"", "metadata/other\"", "another format")]
#[case::cut("</repomd>", "", "ends in the middle")]
#[tokio::test]
async fn a_list_of_files_is_refused(#[case] good: &str, #[case] bad: &str, #[case] why: &str) {
    let bench = Bench::new();
    let list = bench.publish(&primary(&[TOOL]), Some(&advisories()));
    assert!(list.contains(good), "nothing to spoil");
    bench.list(&list.replacen(good, bad, 1));
    let refusal = bench.refusal().await;
    assert!(refusal.contains(why), "{refusal}");
}

#[rstest]
#[case::name("<name>tool", "<name>../tool", "no package name")]
#[case::version("ver=\"1.0\"", "ver=\"\"", "version is incomplete")]
#[case::epoch("epoch=\"0\"", "epoch=\"-7\"", "version cannot be used")]
#[case::size("package=\"1000\"", "package=\"many\"", "size is no number")]
#[case::entity("About tool", "&about;", "entity that is not defined")]
#[case::damaged("</metadata>", "</other>", "not well-formed")]
#[tokio::test]
async fn a_list_of_packages_is_refused(#[case] good: &str, #[case] bad: &str, #[case] why: &str) {
    let bench = Bench::new();
    let list = primary(&[TOOL]);
    assert!(list.contains(good), "nothing to spoil");
    bench.publish(&list.replacen(good, bad, 1), Some(&advisories()));
    let refusal = bench.refusal().await;
    assert!(refusal.contains(why), "{refusal}");
}

#[rstest]
#[case::id("<id>A:1", "<id>A 1", "no usable id")]
#[case::name("name=\"tool\"", "name=\"to ol\"", "no package name")]
#[case::version("release=\"1.el9\"", "release=\"\"", "version is incomplete")]
#[case::deep(
    "<description>",
    "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
    "levels of elements"
)]
#[tokio::test]
async fn a_list_of_advisories_is_refused(#[case] good: &str, #[case] bad: &str, #[case] why: &str) {
    let bench = Bench::new();
    let list = advisories();
    assert!(list.contains(good), "nothing to spoil");
    bench.publish(&primary(&[TOOL]), Some(&list.replacen(good, bad, 1)));
    let refusal = bench.refusal().await;
    assert!(refusal.contains(why), "{refusal}");
}

#[tokio::test]
async fn a_repository_without_the_right_signature_is_refused() {
    let mut bench = Bench::signed();
    let list = bench.publish(&primary(&[TOOL]), None);
    bench.write("repodata/repomd.xml", list.replace("<revision>1", "<revision>2").as_bytes());
    assert!(bench.refusal().await.contains("changed after it was signed"));
    bench.list(&list);
    bench.patches().await;
    bench.key = Some(Key::new());
    assert!(bench.refusal().await.contains("not in the feed's keyring"));
    std::fs::remove_file(bench.path().join("repodata/repomd.xml.asc")).expect("removed");
    assert!(bench.refusal().await.contains("could not be fetched"));
}

#[tokio::test]
async fn what_unpacks_to_more_than_is_stated_is_given_up() {
    let bench = Bench::new();
    let (small, large) = (primary(&[TOOL]), primary(&[TOOL]).replace("About", &"About".repeat(1_000_000)));
    let stated = bench.publish(&small, None);
    let open_size = |size: usize| format!("<open-size>{size}</open-size>");
    let list = bench.publish(&large, None);
    assert!(stated.contains(&open_size(small.len())));
    bench.list(&list.replace(&open_size(large.len()), &open_size(small.len())));
    assert!(bench.refusal().await.contains("unpacks to more"));
}
