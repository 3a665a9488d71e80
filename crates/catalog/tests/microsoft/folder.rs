//! Documents in a folder.

use crate::documents::{Bench, Line, json, xml};
use fettle_catalog::{Synced, diff};
use fettle_model::patch::{Download, Patch, Reboot, Severity};
use fettle_model::rule::{ProductBuild, Rule};
use std::io::Write;

const JANUARY: &str = "2024-01-09T08:00:00";

fn lines() -> Vec<Line> {
    vec![
        Line { supersedes: "5033372, 50329", ..Line::new("CVE-2024-0001", "5034122", &["100", "101"], "10.0.19045.3930") },
        Line::new("CVE-2024-0002", "KB5034122", &["100"], "10.0.19045.3930"),
        Line::new("CVE-2024-0003", "Release Notes", &["300"], ""),
        Line::new("CVE-2024-0004", "5034280", &["200-100"], "4.8.04690.02"),
        Line::new("CVE-2024-0005", "5032968", &["300"], "15.0.2104.1"),
        Line { kind: "Monthly Rollup", ..Line::new("CVE-2024-0001", "5034171", &["102"], "6.3.9600.21765") },
        Line { kind: "Security Only", ..Line::new("CVE-2024-0001", "5034184", &["102"], "6.3.9600.21765") },
    ]
}

fn systems<'a>(patches: &'a [Patch], article: &str) -> Vec<(&'a str, &'a str)> {
    let patch = patches.iter().find(|patch| patch.id.as_str() == format!("microsoft:{article}")).expect("the patch");
    let Rule::Windows(rule) = &patch.rule else { unreachable!("another rule") };
    let build = |product: &'a ProductBuild| (product.product.as_str(), product.build.as_deref().unwrap_or(""));
    rule.products.iter().map(build).collect()
}

#[tokio::test]
async fn an_article_is_one_patch() {
    let bench = Bench::new();
    bench.write("2024-Jan.xml", xml("2024-Jan", JANUARY, &lines()));
    bench.write("README.md", "nothing to read");
    let (patches, _, left_out) = bench.patches().await;
    let ids: Vec<&str> = patches.iter().map(|patch| patch.id.as_str()).collect();
    assert_eq!(ids, ["microsoft:KB5032968", "microsoft:KB5034122", "microsoft:KB5034171", "microsoft:KB5034184", "microsoft:KB5034280"]);
    assert_eq!(left_out, 1);
    let patch = &patches[1];
    assert_eq!(patch.cves, ["CVE-2024-0001", "CVE-2024-0002"]);
    assert_eq!((patch.vendor_severity, patch.scores.cvss_tenths, patch.reboot), (Severity::Important, Some(78), Reboot::Required));
    assert_eq!(patch.scores.kb.as_deref(), Some("KB5034122"));
    assert_eq!(patch.supersedes.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["microsoft:KB5033372"]);
    assert_eq!(patch.title, "KB5034122: Security Update for Windows 10 Version 21H2 for x64-based Systems and 1 more");
    assert!(patch.description.contains("Exploited"), "{}", patch.description);
    let link = "https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB5034122".to_owned();
    assert_eq!(patch.download, Download::AcquireFromVendor { link });
}

#[tokio::test]
async fn rules_speak_of_systems_and_their_own_builds() {
    let bench = Bench::new();
    bench.write("2024-Jan.xml", xml("2024-Jan", JANUARY, &lines()));
    let (patches, ..) = bench.patches().await;
    let both = [
        ("Windows 10 Version 21H2 for x64-based Systems", "10.0.19044.3930"),
        ("Windows 10 Version 22H2 for x64-based Systems", "10.0.19045.3930"),
    ];
    assert_eq!(systems(&patches, "KB5034122"), both);
    assert_eq!(systems(&patches, "KB5034280"), [("Windows 10 Version 22H2 for x64-based Systems", "")]);
    assert_eq!(systems(&patches, "KB5032968"), []);
    let rollup = patches.iter().find(|patch| patch.id.as_str() == "microsoft:KB5034171").expect("the rollup");
    assert_eq!(rollup.supersedes.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["microsoft:KB5034184"]);
}

#[tokio::test]
async fn all_formats_say_the_same() {
    let bench = Bench::new();
    bench.write("2024-Jan.xml", xml("2024-Jan", JANUARY, &lines()));
    let (from_xml, ..) = bench.patches().await;
    std::fs::remove_file(bench.path().join("2024-Jan.xml")).expect("removed");
    bench.write("2024-Jan.json", json("2024-Jan", JANUARY, &lines()));
    let (from_json, ..) = bench.patches().await;
    assert_eq!(from_xml, from_json);
    std::fs::remove_file(bench.path().join("2024-Jan.json")).expect("removed");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(xml("2024-Jan", JANUARY, &lines()).as_bytes()).expect("packed");
    bench.write("2024-Jan.xml.gz", packer.finish().expect("packed"));
    assert_eq!(bench.patches().await.0, from_xml);
}

#[tokio::test]
async fn the_newest_revision_counts_and_the_import_says_what_changed() {
    let bench = Bench::new();
    bench.write("early.xml", xml("2024-Jan", "2024-01-05T08:00:00", &lines()[..1]));
    let (early, fingerprint, _) = bench.patches().await;
    assert!(matches!(bench.sync(Some(&fingerprint)).await, Ok(Synced::Unchanged { .. })));
    bench.write("a-later.xml", xml("2024-Jan", JANUARY, &lines()[1..5]));
    let Ok(Synced::Changed { content, fingerprint, .. }) = bench.sync(Some(&fingerprint)).await else { panic!("nothing changed") };
    let late = content.into_patches();
    let diff = diff(&early, &late);
    assert_eq!((diff.added.len(), diff.changed.len(), diff.withdrawn.len()), (2, 1, 0));
    // A still older revision changes nothing.
    bench.write("z-older.xml", xml("2024-Jan", "2024-01-01T08:00:00", &lines()));
    assert!(matches!(bench.sync(Some(&fingerprint)).await, Ok(Synced::Unchanged { .. })));
}

#[tokio::test]
async fn months_are_joined_and_cycles_do_no_harm() {
    let bench = Bench::new();
    let one = Line { supersedes: "5034122", ..Line::new("CVE-2024-0001", "5034122", &["100"], "10.0.19045.3930") };
    let other = Line { supersedes: "5034122;5034122", ..Line::new("CVE-2024-0009", "5034763", &["100"], "10.0.19045.4046") };
    let back = Line { supersedes: "5034763", ..Line::new("CVE-2024-0009", "5034122", &["101"], "10.0.19044.3930") };
    bench.write("1.xml", xml("2024-Jan", JANUARY, &[one]));
    bench.write("2.xml", xml("2024-Feb", "2024-02-13T08:00:00", &[other, back]));
    let (patches, ..) = bench.patches().await;
    assert_eq!(patches[0].cves, ["CVE-2024-0001", "CVE-2024-0009"]);
    assert_eq!(patches[0].products.len(), 2);
    let names = |patch: &Patch| patch.supersedes.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&patches[0]), ["microsoft:KB5034763"]);
    assert_eq!(names(&patches[1]), ["microsoft:KB5034122"]);
}

#[tokio::test]
async fn csaf_documents_are_read_too() {
    let bench = Bench::new();
    let document = serde_json::json!({
        "document": {"csaf_version": "2.0", "aggregate_severity": {"text": "Critical"},
            "tracking": {"id": "CVE-2024-0001", "initial_release_date": "2024-01-09T08:00:00.000Z",
                         "current_release_date": "2024-01-10T08:00:00.000Z", "version": "2"}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Microsoft", "branches": [
            {"category": "product_name", "name": "Windows 10 Version 22H2 for x64-based Systems", "branches": [
                {"category": "product_version_range", "name": "<10.0.19045.3930",
                 "product": {"name": "Windows 10 <10.0.19045.3930", "product_id": "1"}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-2024-0001", "title": "Spoofing",
            "scores": [{"cvss_v3": {"baseScore": 8.8}, "products": ["1"]}],
            "remediations": [{"category": "vendor_fix", "product_ids": ["1"], "restart_required": {"category": "system"},
                "details": "10.0.19045.3930:Security Update:https://support.microsoft.com/help/5034122",
                "url": "https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB5034122"}]}]
    });
    bench.write("cve-2024-0001.json", document.to_string());
    let (patches, ..) = bench.patches().await;
    assert_eq!((patches.len(), patches[0].vendor_severity, patches[0].scores.cvss_tenths), (1, Severity::Critical, Some(88)));
    assert_eq!(systems(&patches, "KB5034122"), [("Windows 10 Version 22H2 for x64-based Systems", "10.0.19045.3930")]);
}
