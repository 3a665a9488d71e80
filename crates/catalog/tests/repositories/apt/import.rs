//! What comes of repositories and advisories.

use super::signed::{Bench, Import, Suite, location, package, write};
use fettle_catalog::{Keyring, Synced, diff};
use fettle_model::patch::{Category, Patch, Rollback};
use fettle_model::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};

const LIST: &str = "\
[20 Feb 2026] DSA-6100-1 openssl - security update
\t{CVE-2026-0002 CVE-2026-0001}
\t[bookworm] - openssl 3.0.2-1~deb12u2
\t[trixie] - openssl 3.5.1-1
[10 Feb 2026] DSA-6090-2 sudo - regression update
\t[bookworm] - sudo 1.9-1+deb12u1
[09 Feb 2026] DSA-6090-1 sudo - security update
\t{CVE-2026-0003}
\t[bookworm] - sudo 1.9-1+deb12u1
[01 Feb 2026] DSA-6080-1 linux - security update
\t{CVE-2026-0004}
\t[bookworm] - linux 6.1.10-1
[01 Jan 2026] DSA-6000-1 openssl - security update
\t{CVE-2025-0009}
\t[bookworm] - openssl 3.0.1-1~deb12u1
[01 Dec 2025] DSA-5900-1 gone - security update
\t[bookworm] - gone 2-1
";

/// One patch in a few lines, readable without knowing the records.
fn told(patch: &Patch) -> String {
    let Rule::Dpkg { binaries, sources, .. } = &patch.rule else { unreachable!("a rule over dpkg packages") };
    let marks = [(patch.baseline, "baseline"), (patch.rollback != Rollback::No, "can be taken back")];
    let marks = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| format!(", {mark}")).collect::<String>();
    let mut lines = vec![
        format!("{}: {}", patch.id, patch.title),
        format!("  {}, restart {}{marks}, {:?}", patch.category, patch.reboot, patch.download),
    ];
    lines.extend(binaries.iter().map(|package| format!("  package {}:{} >= {}", package.name, package.architecture, package.version)));
    lines.extend(sources.iter().map(|source| format!("  source {} >= {}", source.name, source.version)));
    lines.extend(patch.supersedes.iter().map(|id| format!("  supersedes {id}")));
    if let Rollback::PreviousVersion { packages } = &patch.rollback {
        lines.extend(packages.iter().map(|package| format!("  back to {} {}", package.name, package.version)));
    }
    if let Some(bulletin) = &patch.bulletin {
        let url = patch.advisory_url.as_deref().unwrap_or("no page");
        let day = patch.published_at.map(|time| time.to_string()).unwrap_or_default();
        lines.push(format!("  {bulletin} of {day} at {url}: {}", patch.cves.join(" ")));
    }
    lines.join("\n")
}

fn all_told(patches: &[Patch]) -> String {
    patches.iter().map(told).collect::<Vec<_>>().join("\n")
}

fn kernel(version: &str, build: &str) -> String {
    let signed = version.replace('-', "+");
    [
        package(&format!("linux-image-{build}-amd64"), version, &format!("Source: linux-signed-amd64 ({signed})\n")),
        package("linux-image-amd64", version, &format!("Source: linux-signed-amd64 ({signed})\n")),
        package("linux-libc-dev", version, "Source: linux\n"),
    ]
    .concat()
}

fn debian() -> Bench {
    let mut bench = Bench::new(&["bookworm", "bookworm-updates", "bookworm-security"]);
    let base = [
        package("hello", "2.10-3", ""),
        package("openssl", "3.0.1-1~deb12u1", ""),
        package("libssl3", "3.0.1-1~deb12u1", "Source: openssl\n"),
        package("sudo", "1.9-1+deb12u1", ""),
        package("tzdata", "2025a-0+deb12u1", "").replace("amd64", "all"),
        kernel("6.1.9-1", "6.1.0-1"),
        package("systemd", "252-1", ""),
    ];
    let updates = [package("tzdata", "2025b-0+deb12u1", "").replace("amd64", "all"), package("systemd", "252-2", "")];
    let security = [
        package("openssl", "3.0.2-1~deb12u2", ""),
        package("libssl3", "3.0.2-1~deb12u2", "Source: openssl\n"),
        package("libssl-new", "3.0.2-1~deb12u2", "Source: openssl\n").replace("Size: 1000\n", ""),
        kernel("6.1.12-1", "6.1.0-2"),
        package("sudo", "1.9-1+deb12u1+b1", "Source: sudo (1.9-1+deb12u1)\n"),
        package("systemd", "252-1+deb12u1", ""),
    ];
    bench.publish(&Suite::new("bookworm", &base.concat()));
    bench.publish(&Suite::new("bookworm-updates", &updates.concat()));
    bench.publish(&Suite::new("bookworm-security", &security.concat()));
    let list = bench.root.path().join("list");
    write(&list, LIST.as_bytes());
    bench.debian().advisories = vec![location(&list)];
    bench
}

#[tokio::test]
async fn pockets_and_advisories_become_patches() {
    let bench = debian();
    let import = bench.import().await;
    insta::assert_snapshot!(all_told(&import.patches));
    let told = (import.summary.packages, import.summary.advisories, import.summary.patches, import.summary.security);
    assert_eq!(told, (19, 6, import.patches.len(), import.patches.iter().filter(|patch| patch.category == Category::Security).count()));
    assert!(import.warnings.is_empty(), "{:?}", import.warnings);
    assert_eq!(import.patches[0].source, "test");
    assert_eq!(import.patches[0].vendor, "Debian");
}

#[tokio::test]
async fn what_did_not_change_is_not_read_again() {
    let bench = debian();
    let first = bench.import().await;
    let again = |fingerprint| {
        let bench = &bench;
        async move { bench.sync(Some(&fingerprint)).await.expect("a sync") }
    };
    assert!(matches!(again(first.fingerprint.clone()).await, Synced::Unchanged { .. }));
    // Security repositories are signed anew every day, with the same packages.
    let same = std::fs::read_to_string(bench.file("bookworm/main/binary-amd64/Packages")).expect("the index");
    bench.publish(&Suite { date: "Sun, 01 Mar 2026 11:00:00 UTC".into(), ..Suite::new("bookworm", &same) });
    assert!(matches!(again(first.fingerprint.clone()).await, Synced::Unchanged { .. }));
    let more = same + &package("new", "1", "");
    bench.publish(&Suite { date: "Sun, 01 Mar 2026 11:30:00 UTC".into(), ..Suite::new("bookworm", &more) });
    let Synced::Changed { content, .. } = again(first.fingerprint).await else { panic!("unchanged") };
    let patches = content.into_patches();
    let diff = diff(&first.patches, &patches);
    let ids: Vec<&str> = diff.added.iter().map(|patch| patch.id.as_str()).collect();
    assert_eq!(ids, ["debian:bookworm:new@1"]);
    assert!(diff.changed.is_empty() && diff.withdrawn.is_empty());
}

#[tokio::test]
async fn every_form_of_repository_gives_the_same() {
    let mut bench = Bench::with_one_package();
    let text = package("hello", "1.0-1", "");
    let expected = all_told(&bench.import().await.patches);
    for packings in [vec![".gz"], vec![".xz"], vec![""]] {
        std::fs::remove_dir_all(bench.file("bookworm")).expect("removed");
        bench.publish(&Suite { packings: packings.clone(), ..Suite::new("bookworm", &text) });
        assert_eq!(all_told(&bench.import().await.patches), expected, "{packings:?}");
    }
    std::fs::remove_dir_all(bench.file("bookworm")).expect("removed");
    bench.publish(&Suite { detached: true, ..Suite::new("bookworm", &text) });
    assert_eq!(all_told(&bench.import().await.patches), expected, "Release and Release.gpg");
    bench.debian().sources[0].keyring = Keyring::from(bench.key.armoured());
    assert_eq!(all_told(&bench.import().await.patches), expected, "armoured keyring");
}

#[tokio::test]
async fn an_index_is_fetched_by_its_hash_while_the_mirror_changes() {
    let bench = Bench::with_one_package();
    bench.publish(&Suite { fields: "Acquire-By-Hash: yes\n".into(), ..Suite::new("bookworm", &package("hello", "2", "")) });
    bench.tamper("bookworm/main/binary-amd64/Packages.xz", |_| b"the next version".to_vec());
    assert_eq!(bench.import().await.patches.len(), 1);
    // A server that does not keep files by hash is asked by name.
    let bench = Bench::with_one_package();
    bench.publish(&Suite { fields: "Acquire-By-Hash: yes\n".into(), ..Suite::new("bookworm", &package("hello", "2", "")) });
    std::fs::remove_dir_all(bench.file("bookworm/main/binary-amd64/by-hash")).expect("removed");
    assert_eq!(bench.import().await.patches.len(), 1);
}

#[tokio::test]
async fn a_damaged_cache_is_fetched_again() {
    let bench = debian();
    let first = bench.import().await;
    let folder = bench.folders.cache.join("index");
    for entry in std::fs::read_dir(&folder).expect("the cache") {
        std::fs::write(entry.expect("an entry").path(), b"damaged").expect("written");
    }
    write(&bench.folders.cache.join("release-x.json"), b"damaged");
    for entry in std::fs::read_dir(bench.folders.cache.join("advisories")).expect("the lists") {
        write(&entry.expect("an entry").path(), b"damaged");
    }
    assert_eq!(bench.import().await.patches, first.patches);
}

#[tokio::test]
async fn the_last_good_advisory_list_is_used() {
    let mut bench = debian();
    let first = bench.import().await;
    let list = bench.root.path().join("list");
    write(&list, b"<html>maintenance</html>");
    let second = bench.import().await;
    assert_eq!(second.patches, first.patches);
    insta::assert_snapshot!(second.warnings.join("\n"), @"the advisory list could not be used, the last good copy is used: it holds no advisory in the format of the security tracker's DSA/list");
    std::fs::remove_file(&list).expect("removed");
    assert_eq!(bench.import().await.patches, first.patches);
    bench.debian().advisories = vec![location(&bench.root.path().join("elsewhere"))];
    let other = bench.import().await;
    assert!(other.patches.iter().all(|patch| patch.bulletin.is_none()));
    assert!(other.warnings[0].contains("patches carry no advisories until it can be had"), "{:?}", other.warnings);
}

#[tokio::test]
async fn several_lists_of_advisories_are_one() {
    let mut bench = debian();
    let support = bench.root.path().join("support");
    // The second list also has an advisory of the first; that one is taken from the first.
    let later = LIST.replace("openssl - security update", "other words");
    let later = format!("[02 Mar 2026] DLA-4001-1 tzdata - new timezone database\n\t[bookworm] - tzdata 2025b-0+deb12u1\n{later}");
    write(&support, later.as_bytes());
    let one = bench.import().await;
    bench.debian().advisories.push(location(&support));
    let both = bench.import().await;
    let named = |import: &Import| import.patches.iter().filter_map(|patch| patch.bulletin.clone()).collect::<BTreeSet<_>>();
    let mut expected = named(&one);
    assert!(expected.insert("DLA-4001-1".to_owned()));
    assert_eq!(named(&both), expected);
    assert!(both.patches.iter().all(|patch| !patch.title.contains("other words")));
    std::fs::remove_file(&support).expect("removed");
    let kept = bench.import().await;
    assert_eq!(kept.patches, both.patches);
    assert!(kept.warnings[0].contains("/support could not be used, the last good copy is used"), "{:?}", kept.warnings);
    bench.debian().advisories.pop();
    assert_eq!(bench.import().await.patches, one.patches);
    assert_eq!(std::fs::read_dir(bench.folders.cache.join("advisories")).expect("the lists").count(), 2, "of one list");
}

#[tokio::test]
async fn an_older_state_does_not_replace_a_newer_one() {
    let bench = Bench::with_one_package();
    bench.publish(&Suite::new("bookworm", &package("hello", "2.0-1", "")));
    let newer = bench.import().await;
    bench.publish(&Suite { date: "Sun, 01 Feb 2026 10:00:00 UTC".into(), ..Suite::new("bookworm", &package("hello", "1.0-1", "")) });
    let after = bench.import().await;
    assert_eq!(after.patches, newer.patches);
    insta::assert_snapshot!(after.warnings.join("\n"), @"bookworm answered with an older state (2026-02-01T10:00:00Z) than before (2026-03-01T10:00:00Z); the newer one is used");
}

#[tokio::test]
async fn an_architecture_without_packages_is_a_warning() {
    let mut bench = Bench::with_one_package();
    bench.debian().architectures.push("riscv64".into());
    insta::assert_snapshot!(bench.import().await.warnings.join("\n"), @"bookworm has no packages for main on riscv64");
}

#[tokio::test]
async fn packages_for_all_architectures_may_have_an_index_of_their_own() {
    let mut bench = Bench::new(&["bookworm"]);
    bench.debian().architectures.push("arm64".into());
    let common = package("doc", "1", "").replace("amd64", "all");
    let packages = BTreeMap::from([
        ("amd64".to_owned(), package("tool", "2", "")),
        ("arm64".to_owned(), package("tool", "1", "").replace("amd64", "arm64")),
        ("all".to_owned(), common),
    ]);
    bench.publish(&Suite { packages, fields: "Architectures: all amd64 arm64\n".into(), ..Suite::new("bookworm", "") });
    insta::assert_snapshot!(all_told(&bench.import().await.patches));
}
