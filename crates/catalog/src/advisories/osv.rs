//! Records of the Open Source Vulnerability format (ossf.github.io/osv-schema) in a tar archive, as Ubuntu publishes
//! its security notices.

use super::{Advisory, AdvisoryError, AdvisoryList, MAX_CVES, is_cve, is_id};
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Severity;
use fettle_model::version::DpkgVersion;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// Most files of an archive; Ubuntu's has some 80,000.
const MAX_FILES: usize = 2_000_000;
/// Largest record; the largest notices, of kernels, have some 2 MB.
const MAX_RECORD: u64 = 32 * 1024 * 1024;
/// Largest archive when unpacked; Ubuntu's has some 3 GB.
const MAX_UNPACKED: u64 = 32 * 1024 * 1024 * 1024;
/// Most bytes of a description.
const MAX_DETAILS: usize = 16 * 1024;
/// Starts of packed files: gzip (RFC 1952), xz (its file format, 2.1.1.1).
const GZIP: &[u8] = &[0x1f, 0x8b];
const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];

/// Versions by code name, since records name releases by number: `Ubuntu:22.04:LTS`, `Debian:12`.
/// Sources: wiki.ubuntu.com/Releases, wiki.debian.org/DebianReleases.
const RELEASES: [(&str, &str, &str); 22] = [
    ("debian", "jessie", "8"),
    ("debian", "stretch", "9"),
    ("debian", "buster", "10"),
    ("debian", "bullseye", "11"),
    ("debian", "bookworm", "12"),
    ("debian", "trixie", "13"),
    ("debian", "forky", "14"),
    ("ubuntu", "trusty", "14.04"),
    ("ubuntu", "xenial", "16.04"),
    ("ubuntu", "bionic", "18.04"),
    ("ubuntu", "focal", "20.04"),
    ("ubuntu", "jammy", "22.04"),
    ("ubuntu", "kinetic", "22.10"),
    ("ubuntu", "lunar", "23.04"),
    ("ubuntu", "mantic", "23.10"),
    ("ubuntu", "noble", "24.04"),
    ("ubuntu", "oracular", "24.10"),
    ("ubuntu", "plucky", "25.04"),
    ("ubuntu", "questing", "25.10"),
    ("ubuntu", "resolute", "26.04"),
    ("ubuntu", "impish", "21.10"),
    ("ubuntu", "hirsute", "21.04"),
];

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    upstream: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
    published: Option<Timestamp>,
    modified: Option<Timestamp>,
    withdrawn: Option<Timestamp>,
    #[serde(default)]
    affected: Vec<Affected>,
}

#[derive(Deserialize)]
struct Affected {
    package: Package,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    database_specific: Specific,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    fixed: Option<String>,
}

/// What Ubuntu says of the vulnerabilities of one package.
#[derive(Default, Deserialize)]
struct Specific {
    #[serde(default)]
    cves_map: Map,
}

#[derive(Default, Deserialize)]
struct Map {
    #[serde(default)]
    cves: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    #[serde(default)]
    severity: Vec<Rating>,
}

#[derive(Deserialize)]
struct Rating {
    #[serde(rename = "type")]
    kind: String,
    score: String,
}

/// Whether it is packed as archives are.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) || bytes.starts_with(XZ)
}

/// Reads the records of security notices for a release; records of single vulnerabilities are passed over.
pub(super) fn read(bytes: &[u8], release: &ReleaseKey) -> Result<AdvisoryList, AdvisoryError> {
    let unpacked: Box<dyn Read + '_> = if bytes.starts_with(GZIP) {
        Box::new(flate2::read::MultiGzDecoder::new(bytes))
    } else {
        Box::new(liblzma::read::XzDecoder::new(bytes))
    };
    let mut archive = tar::Archive::new(unpacked.take(MAX_UNPACKED));
    let (mut advisories, mut seen, mut odd) = (Vec::new(), 0_usize, 0_usize);
    for (at, entry) in archive.entries()?.enumerate() {
        let entry = entry?;
        if at == MAX_FILES {
            return Err(AdvisoryError::TooLarge("two million files"));
        }
        let path = entry.path_bytes();
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        if !entry.header().entry_type().is_file() || ![&b"USN-"[..], b"DSA-", b"DLA-"].iter().any(|kind| name.starts_with(kind)) {
            continue;
        }
        if entry.size() > MAX_RECORD {
            odd += 1;
            continue;
        }
        let mut text = Vec::new();
        entry.take(MAX_RECORD).read_to_end(&mut text)?;
        seen += 1;
        match serde_json::from_slice::<Record>(&text) {
            Ok(record) if record.withdrawn.is_some() => {}
            Ok(record) => advisories.extend(advisory(record, release)),
            Err(_) => odd += 1,
        }
    }
    if seen == odd {
        return Err(AdvisoryError::NoRecords);
    }
    let warnings = if odd > 0 { vec![format!("{odd} of {seen} advisories could not be read")] } else { Vec::new() };
    Ok(AdvisoryList { advisories, warnings })
}

/// The advisory for a release; `None` when the record says nothing of it.
fn advisory(record: Record, release: &ReleaseKey) -> Option<Advisory> {
    let published = record.published.or(record.modified)?;
    if !is_id(&record.id) {
        return None;
    }
    let (mut fixed, mut severity) = (BTreeMap::<String, DpkgVersion>::new(), Severity::None);
    let ids = record.aliases.iter().chain(&record.upstream).chain(&record.related);
    // Ubuntu names its own records of a CVE.
    let mut cves: BTreeSet<String> = ids.map(|id| id.trim_start_matches("UBUNTU-").trim_start_matches("DEBIAN-").to_owned()).collect();
    for affected in record.affected.iter().filter(|affected| is_for(&affected.package.ecosystem, release)) {
        let versions = affected.ranges.iter().flat_map(|range| &range.events).filter_map(|event| event.fixed.as_deref());
        for version in versions.filter_map(|version| DpkgVersion::parse(version).ok()) {
            if is_id(&affected.package.name) && fixed.get(&affected.package.name).is_none_or(|there| *there < version) {
                fixed.insert(affected.package.name.clone(), version);
            }
        }
        for vulnerability in &affected.database_specific.cves_map.cves {
            cves.insert(vulnerability.id.clone());
            let rated = vulnerability.severity.iter().filter(|rating| rating.kind == "Ubuntu").map(|rating| rated(&rating.score));
            severity = rated.fold(severity, Ord::max);
        }
    }
    cves.retain(|id| is_cve(id));
    let mut details = record.details.trim().to_owned();
    details.truncate(details.floor_char_boundary(MAX_DETAILS));
    let advisory = Advisory {
        id: record.id,
        published,
        title: record.summary.trim().to_owned(),
        details,
        severity,
        cves: cves.into_iter().take(MAX_CVES).collect(),
        fixed,
    };
    (!advisory.fixed.is_empty()).then_some(advisory)
}

/// Whether `Ubuntu:22.04:LTS` is the release. What needs a subscription is named `Ubuntu:Pro:…`: its packages are not in
/// the archives that machines without one have.
fn is_for(ecosystem: &str, release: &ReleaseKey) -> bool {
    let mut parts = ecosystem.split(':');
    let (distribution, version) = (parts.next().unwrap_or_default().to_lowercase(), parts.next().unwrap_or_default());
    let is_it = |entry: &&(&str, &str, &str)| (entry.0, entry.1) == (release.distribution(), release.codename());
    distribution == release.distribution() && RELEASES.iter().find(is_it).is_some_and(|entry| entry.2 == version)
}

/// Ubuntu's priorities (ubuntu.com/security/cves/about).
fn rated(priority: &str) -> Severity {
    match priority {
        "critical" => Severity::Critical,
        "high" => Severity::Important,
        "medium" => Severity::Moderate,
        "low" | "negligible" => Severity::Low,
        _ => Severity::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use rstest::rstest;

    /// An archive of files by name.
    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, text.as_bytes()).expect("fits");
        }
        archive.into_inner().and_then(GzEncoder::finish).expect("packed")
    }

    fn notice(ecosystem: &str, version: &str) -> String {
        format!(
            r#"{{"id": "USN-1-1", "summary": "tool vulnerability", "details": " A tool. ", "upstream": ["UBUNTU-CVE-2030-1"],
            "published": "2030-01-02T03:04:05Z", "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "tool"}},
            "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}, {{"fixed": "{version}"}}]}}],
            "database_specific": {{"cves_map": {{"cves": [{{"id": "CVE-2030-2", "severity": [
            {{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L"}}, {{"type": "Ubuntu", "score": "high"}}]}}]}}}}}}]}}"#
        )
    }

    fn jammy() -> ReleaseKey {
        ReleaseKey::new("ubuntu", "jammy")
    }

    #[test]
    fn a_notice_for_the_release_is_an_advisory() {
        let bytes =
            archive(&[("osv/usn/USN-1-1.json", &notice("Ubuntu:22.04:LTS", "1.0-1ubuntu2")), ("osv/cve/UBUNTU-CVE-2030-1.json", "{")]);
        let list = read(&bytes, &jammy()).expect("records");
        let [advisory] = list.advisories.as_slice() else { panic!("{list:?}") };
        assert_eq!(
            (advisory.id.as_str(), advisory.title.as_str(), advisory.details.as_str()),
            ("USN-1-1", "tool vulnerability", "A tool.")
        );
        assert_eq!(advisory.cves.iter().map(String::as_str).collect::<Vec<_>>(), ["CVE-2030-1", "CVE-2030-2"]);
        assert_eq!((advisory.severity, advisory.fixed["tool"].as_str()), (Severity::Important, "1.0-1ubuntu2"));
        assert_eq!(advisory.url().as_deref(), Some("https://ubuntu.com/security/notices/USN-1-1"));
        assert!(list.warnings.is_empty());
    }

    #[rstest]
    #[case::another_release("Ubuntu:20.04:LTS", "1.0")]
    #[case::for_subscribers("Ubuntu:Pro:22.04:LTS", "1.0")]
    #[case::another_distribution("Debian:12", "1.0")]
    #[case::no_version("Ubuntu:22.04:LTS", "")]
    fn what_the_release_does_not_get_is_no_advisory(#[case] ecosystem: &str, #[case] version: &str) {
        let bytes = archive(&[("USN-1-1.json", &notice(ecosystem, version))]);
        assert!(read(&bytes, &jammy()).expect("records").advisories.is_empty());
    }

    #[test]
    fn odd_records_do_not_hide_the_rest() {
        let bytes = archive(&[("USN-2-1.json", "[]"), ("USN-1-1.json", &notice("Ubuntu:22.04", "1.0"))]);
        let list = read(&bytes, &jammy()).expect("records");
        assert_eq!((list.advisories.len(), list.warnings.len()), (1, 1));
    }

    #[test]
    fn what_is_no_archive_of_records_is_refused() {
        assert!(matches!(read(&archive(&[("README", "x")]), &jammy()), Err(AdvisoryError::NoRecords)));
        let mut cut = archive(&[("USN-1-1.json", &notice("Ubuntu:22.04", "1.0"))]);
        cut.truncate(cut.len() / 2);
        assert!(matches!(read(&cut, &jammy()), Err(AdvisoryError::Archive(_))));
        assert!(matches!(read(&[0x1f, 0x8b, 0, 0], &jammy()), Err(AdvisoryError::Archive(_))));
    }
}
