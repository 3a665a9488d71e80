//! What patches are made of a good repository.

use super::made::{Bench, Line, Update, primary, updateinfo};
use fettle_catalog::{Content, Synced};
use fettle_model::patch::{Category, Patch, Reboot, Rollback, Severity};
use fettle_model::rule::Rule;
use std::collections::BTreeMap;

const OLD: Line = ("tool", "0", "1.0", "1.el9", "x86_64", "tool");
const FIRST: Line = ("tool", "0", "1.0", "2.el9_1", "x86_64", "tool");
const SECOND: Line = ("tool", "0", "1.0", "3.el9_2", "x86_64", "tool");
const LIBRARY: Line = ("tool-libs", "0", "1.0", "2.el9_1", "x86_64", "tool");
const OTHER: Line = ("other", "2", "4.0~rc1", "1.el9", "noarch", "other-suite");

fn update(id: &'static str, issued: &'static str, packages: &'static [Line]) -> Update {
    Update { id, kind: "security", severity: "Important", issued, cves: &["CVE-2024-0001"], reboot: false, packages }
}

fn by_id(patches: Vec<Patch>) -> BTreeMap<String, Patch> {
    patches.into_iter().map(|patch| (patch.id.to_string(), patch)).collect()
}

fn packages(patch: &Patch) -> Vec<String> {
    let Rule::Rpm { release, packages } = &patch.rule else { unreachable!("a rule over RPM packages") };
    assert_eq!(release.to_string(), "rocky/9");
    packages.iter().map(|package| format!("{}-{}.{}", package.name, package.version, package.architecture)).collect()
}

#[tokio::test]
async fn advisories_and_what_no_advisory_names_are_patches() {
    let bench = Bench::signed();
    let updates = [
        update("RLSA-2024:1", "2024-01-02 03:04:05", &[FIRST, LIBRARY]),
        Update {
            severity: "Low",
            reboot: true,
            ..update("RLSA-2024:2", "2024-02-02", &[SECOND, ("tool-libs", "0", "1.0", "3.el9_2", "x86_64", "tool")])
        },
        Update { kind: "bugfix", cves: &[], ..update("RLBA-2024:3", "2024-03-02", &[("other", "2", "3.0", "1.el9", "noarch", "x")]) },
    ];
    bench.publish(
        &primary(&[
            OLD,
            FIRST,
            LIBRARY,
            SECOND,
            ("tool-libs", "0", "1.0", "3.el9_2", "x86_64", "tool"),
            OTHER,
            ("tool", "0", "9", "9", "src", "tool"),
        ]),
        Some(&updateinfo(&updates)),
    );
    let patches = by_id(bench.patches().await);
    let ids: Vec<&str> = patches.keys().map(String::as_str).collect();
    assert_eq!(ids, ["rocky:9:RLBA-2024:3", "rocky:9:RLSA-2024:1", "rocky:9:RLSA-2024:2", "rocky:9:other-suite@2:4.0~rc1-1.el9"]);

    let first = &patches["rocky:9:RLSA-2024:1"];
    assert_eq!(packages(first), ["tool-1.0-2.el9_1.x86_64", "tool-libs-1.0-2.el9_1.x86_64"]);
    assert_eq!((first.category, first.vendor_severity, first.reboot), (Category::Security, Severity::Important, Reboot::Never));
    assert_eq!((first.cves.as_slice(), first.bulletin.as_deref()), (["CVE-2024-0001".to_owned()].as_slice(), Some("RLSA-2024:1")));
    assert_eq!(first.advisory_url.as_deref(), Some("https://vendor.example/RLSA-2024:1"));
    assert_eq!(first.published_at.map(|at| at.to_string()).as_deref(), Some("2024-01-02T03:04:05Z"));
    // There is an older version of one of its packages, but not of both.
    assert_eq!(first.rollback, Rollback::No);

    let second = &patches["rocky:9:RLSA-2024:2"];
    assert_eq!(second.supersedes.as_slice(), std::slice::from_ref(&first.id));
    assert_eq!(second.reboot, Reboot::Required);
    assert!(matches!(&second.rollback, Rollback::PreviousVersion { packages } if packages.len() == 2), "{:?}", second.rollback);

    let other = &patches["rocky:9:other-suite@2:4.0~rc1-1.el9"];
    assert_eq!(packages(other), ["other-2:4.0~rc1-1.el9.noarch"]);
    assert_eq!((other.category, other.baseline), (Category::NonSecurity, false));
    assert_eq!(other.supersedes.as_slice(), std::slice::from_ref(&patches["rocky:9:RLBA-2024:3"].id));
}

#[tokio::test]
async fn what_the_release_came_with_is_its_baseline() {
    let bench = Bench::new();
    bench.publish(&primary(&[OLD, OTHER]), None);
    let patches = bench.patches().await;
    assert!(patches.len() == 2 && patches.iter().all(|patch| patch.baseline), "{patches:?}");
}

#[tokio::test]
async fn packages_of_other_releases_architectures_and_streams_are_left_out() {
    let bench = Bench::new();
    let updates = [
        update("A:1", "2024-01-02", &[("tool", "0", "1.0", "2.el7_9", "x86_64", "tool"), FIRST]),
        update("A:2", "2024-01-02", &[("tool", "0", "1.0", "2.el8", "x86_64", "tool")]),
        update("A:3", "2024-01-02", &[("tool", "0", "1.0", "2.el9", "s390x", "tool")]),
        update("A:4", "2024-01-02", &[("tool", "0", "2.0", "2.module_el9.2.0+1", "x86_64", "tool")]),
    ];
    bench.publish(&primary(&[FIRST, ("tool", "0", "2.0", "2.module+el9.2.0+1", "x86_64", "tool")]), Some(&updateinfo(&updates)));
    let Synced::Changed { content: Content::Patches(patches), summary, .. } = bench.sync(None).await.expect("synced") else {
        unreachable!("all is new")
    };
    let patches = by_id(patches);
    assert_eq!(patches.keys().map(String::as_str).collect::<Vec<_>>(), ["rocky:9:A:1"]);
    assert_eq!(packages(&patches["rocky:9:A:1"]), ["tool-1.0-2.el9_1.x86_64"]);
    assert_eq!(summary.left_out, 2);
}

#[tokio::test]
async fn an_unchanged_repository_is_not_read_again_and_an_older_one_not_used() {
    let bench = Bench::signed();
    let list = bench.publish_at(2_000, &primary(&[OLD]), None);
    let Synced::Changed { fingerprint, .. } = bench.sync(None).await.expect("synced") else { unreachable!("all is new") };
    assert!(matches!(bench.sync(Some(&fingerprint)).await, Ok(Synced::Unchanged { .. })));
    bench.publish_at(1_000, &primary(&[FIRST]), None);
    let Ok(Synced::Unchanged { warnings }) = bench.sync(Some(&fingerprint)).await else { unreachable!("the older state is not used") };
    assert!(warnings.iter().any(|warning| warning.contains("older state")), "{warnings:?}");
    bench.publish_at(3_000, &primary(&[FIRST]), None);
    assert!(matches!(bench.sync(Some(&fingerprint)).await, Ok(Synced::Changed { .. })));
    assert!(list.contains("<timestamp>2000</timestamp>"));
}
