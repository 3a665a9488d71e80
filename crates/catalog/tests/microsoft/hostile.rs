//! Documents that are made to harm.

use crate::documents::{Bench, Line, json, xml};
use fettle_catalog::microsoft::{stated, unverified_patches};
use proptest::prelude::*;
use rstest::rstest;

fn good() -> String {
    xml("2024-Jan", "2024-01-09T08:00:00", &[Line::new("CVE-2024-0001", "5034122", &["100"], "10.0.19045.3930")])
}

#[rstest]
#[case::a_bomb(|text: String| text.replacen("<cvrf:cvrfdoc", "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><cvrf:cvrfdoc", 1), "document type")]
#[case::an_entity(|text: String| text.replace("&amp;", "&bomb;"), "an entity that is not defined")]
#[case::deep(|text: String| text.replace("Spoofing", &format!("{}{}", "<vuln:a>".repeat(200), "</vuln:a>".repeat(200))), "more than 32 levels")]
#[case::another_namespace(|text: String| text.replace("http://www.icasi.org/CVRF/schema/cvrf/1.1", "http://example.org/"), "neither a CVRF")]
#[case::another_root(|text: String| text.replace("cvrf:cvrfdoc", "cvrf:html"), "neither a CVRF")]
#[case::cut_off(|text: String| text[..text.len() / 2].to_owned(), "cannot be read")]
#[case::no_id(|text: String| text.replace("<cvrf:ID>2024-Jan</cvrf:ID>", ""), "does not say its id")]
#[case::no_document(|_: String| "MZ nothing".to_owned(), "neither a CVRF")]
#[tokio::test]
async fn a_document_is_refused(#[case] harm: fn(String) -> String, #[case] why: &str) {
    let bench = Bench::new();
    bench.write("good.xml", good().replace("2024-Jan", "2023-Dec"));
    bench.write("harm.xml", harm(good()));
    let refusal = bench.refusal().await;
    assert!(refusal.contains("harm.xml was refused; nothing was imported") && refusal.contains(why), "{refusal}");
}

#[tokio::test]
async fn json_that_is_none_is_refused() {
    let bench = Bench::new();
    for harm in ["{".repeat(100_000), format!("{{\"a\":{}", "[".repeat(100_000)), "{}".to_owned(), "{\"csaf_version\": 3}".to_owned()] {
        bench.write("harm.json", harm);
        assert!(bench.refusal().await.contains("cannot be read"));
    }
}

#[tokio::test]
async fn a_packed_bomb_is_refused() {
    let bench = Bench::new();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let spaces = vec![b' '; 1024 * 1024];
    for _ in 0..130 {
        std::io::Write::write_all(&mut packer, &spaces).expect("packed");
    }
    bench.write("bomb.xml.gz", packer.finish().expect("packed"));
    assert!(bench.refusal().await.contains("more than 134217728 bytes"));
}

#[tokio::test]
async fn foreign_elements_are_passed_over() {
    let bench = Bench::new();
    let evil =
        "<evil:Vulnerability xmlns:evil=\"http://example.org/\"><evil:CVE>CVE-2024-6666</evil:CVE></evil:Vulnerability></cvrf:cvrfdoc>";
    bench.write("month.xml", good().replace("</cvrf:cvrfdoc>", evil));
    let (patches, ..) = bench.patches().await;
    assert_eq!(patches[0].cves, ["CVE-2024-0001"]);
}

#[tokio::test]
async fn links_and_texts_are_tamed() {
    let bench = Bench::new();
    let line = Line::new("CVE-2024-0001\" onload", "5034122", &["100", "nobody"], "10.0.99999.1");
    let text = json("2024-Jan", "2024-01-09T08:00:00", &[line]).replace("https://catalog", "javascript://catalog");
    bench.write("month.json", text);
    let (patches, ..) = bench.patches().await;
    assert!(patches[0].cves.is_empty());
    let text = serde_json::to_string(&patches).expect("text");
    assert!(!text.contains("javascript"), "{text}");
}

#[tokio::test]
async fn a_refused_document_leaves_the_others_read() {
    let bench = Bench::new();
    bench.write("good.xml", good());
    bench.write("harm.xml", "<");
    bench.refusal().await;
    std::fs::remove_file(bench.path().join("harm.xml")).expect("removed");
    assert_eq!(bench.patches().await.0.len(), 1);
}

proptest! {
    #[test]
    fn damage_is_refused_or_read_and_never_more(at in 0_usize..4_000, cut in 0_usize..200, noise in prop::collection::vec(any::<u8>(), 0..40), is_json: bool) {
        let line = Line { supersedes: "5033372, 50329", ..Line::new("CVE-2024-0001", "5034122", &["100", "300"], "10.0.19045.3930") };
        let make = if is_json { json } else { xml };
        let mut bytes = make("2024-Jan", "2024-01-09T08:00:00", &[line, line]).into_bytes();
        let start = at.min(bytes.len());
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, noise);
        if let Ok(stated) = stated(&bytes) {
            prop_assert!(stated.with_supersedence <= stated.vendor_fixes);
            prop_assert!(unverified_patches(&[&bytes]).is_ok());
        }
    }
}
