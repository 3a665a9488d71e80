//! Records of the Open Source Vulnerability format (ossf.github.io/osv-schema): what vulnerabilities are, and how severe.
//!
//! A record is about one CVE when it has its id, is a distribution's own record of it (`UBUNTU-CVE-…`), or names it as the one
//! alias. Advisories about several are passed over: their text is not that of any one of them.

use super::{List, ListError, MAX_FACTS, bounded};
use crate::collection::{self, CollectionError, Wanted};
use crate::error::SyncError;
use crate::feed::{Folders, Location};
use crate::fetch::Fetcher;
use crate::progress::{Progress, Step};
use crate::sync::{Content, Fingerprint, Summary, Synced, in_background};
use fettle_model::vulnerability::{Cvss, Description, VulnerabilityFacts, is_cve};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Part of the fingerprint: raise it when the same input makes other facts than before.
const RULES: u32 = 1;
/// Largest archive. All records of all ecosystems have some 2 GB.
const MAX_ARCHIVE: u64 = 4 * 1024 * 1024 * 1024;
/// Records. The largest, of kernels with all their versions, have some 2 MB.
const WANTED: Wanted =
    Wanted { what: "records", ends: &[".json"], files: MAX_FACTS, bytes: 16 * 1024 * 1024, all: 64 * 1024 * 1024 * 1024 };
/// Longest title and description, in characters. What is longer is read at its source; a million of them are kept.
const MAX_TITLE: usize = 300;
const MAX_DETAILS: usize = 4_000;
/// Longest vector; CVSS 4.0 with all its metrics has 180 characters.
const MAX_VECTOR: usize = 256;
/// Most web addresses, and the longest.
const MAX_REFERENCES: usize = 20;
const MAX_REFERENCE: usize = 1_000;

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    aliases: Vec<String>,
    published: Option<Timestamp>,
    modified: Option<Timestamp>,
    withdrawn: Option<Timestamp>,
    #[serde(default)]
    severity: Vec<Rating>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Deserialize)]
struct Rating {
    #[serde(rename = "type")]
    kind: String,
    score: String,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

/// What is known of one CVE so far.
struct Found {
    /// It comes from the record that has the CVE's own id.
    is_own: bool,
    facts: VulnerabilityFacts,
}

/// What a collection says.
#[derive(Default)]
struct Read {
    found: BTreeMap<String, Found>,
    records: usize,
    odd: usize,
    too_many: bool,
}

/// Brings a collection of records up to date.
pub(crate) async fn sync_records(
    from: &Location,
    since: Option<&Fingerprint>,
    folders: &Folders,
    fetcher: &Fetcher,
    progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    std::fs::create_dir_all(&folders.cache).map_err(SyncError::cache("making", &folders.cache))?;
    progress.report(&Step::Asking { what: WANTED.what.to_owned() });
    let place = collection::place(from, WANTED.what, MAX_ARCHIVE, folders, fetcher, progress).await?;
    progress.report(&Step::Reading { what: WANTED.what.to_owned() });
    let read = in_background(move || read(&place)).await?;
    let (read, digest) = read.map_err(|source| SyncError::Collection { what: from.to_string(), source })?;
    let fingerprint = Fingerprint::of([&RULES.to_be_bytes()[..], b"descriptions", from.url().as_str().as_bytes(), &digest]);
    let list = read.list().map_err(|source| SyncError::List { what: from.to_string(), source })?;
    if since == Some(&fingerprint) {
        return Ok(Synced::Unchanged { warnings: list.warnings });
    }
    let summary = Summary { facts: list.facts.len(), ..Summary::default() };
    Ok(Synced::Changed { content: Content::Facts(list.facts), warnings: list.warnings, summary, fingerprint })
}

fn read(place: &Path) -> Result<(Read, [u8; 32]), CollectionError> {
    let mut hash = Sha256::new();
    let mut read = Read::default();
    collection::read(place, WANTED, &mut |name, bytes| {
        for part in [name.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        read.take(&bytes);
    })?;
    Ok((read, hash.finalize().into()))
}

/// Reads one record. `None` when it is about no single CVE, or withdrawn.
///
/// # Errors
/// When it is no record.
pub fn read_record(bytes: &[u8]) -> Result<Option<VulnerabilityFacts>, serde_json::Error> {
    let record: Record = serde_json::from_slice(bytes)?;
    Ok(record.cve().map(|(cve, _)| record.facts(cve)))
}

impl Read {
    fn take(&mut self, bytes: &[u8]) {
        let Ok(record) = serde_json::from_slice::<Record>(bytes) else {
            self.odd += 1;
            return;
        };
        self.records += 1;
        let Some((cve, is_own)) = record.cve() else { return };
        let facts = record.facts(cve.clone());
        if !self.found.contains_key(&cve) && self.found.len() == MAX_FACTS {
            self.too_many = true;
            return;
        }
        match self.found.get_mut(&cve) {
            Some(before) if before.is_own && !is_own => {}
            Some(before) if before.is_own == is_own => before.facts.merge(&facts),
            _ => _ = self.found.insert(cve, Found { is_own, facts }),
        }
    }

    fn list(self) -> Result<List, ListError> {
        if self.too_many {
            return Err(ListError::TooMany(MAX_FACTS));
        }
        if self.found.is_empty() {
            return Err(ListError::NoRecords);
        }
        let all = self.odd + self.records;
        let warnings = if self.odd > 0 { vec![format!("{} of {all} files are no records", self.odd)] } else { Vec::new() };
        Ok(List { version: String::new(), facts: self.found.into_values().map(|found| found.facts).collect(), warnings })
    }
}

impl Record {
    /// The CVE it is about, and whether it has its id.
    fn cve(&self) -> Option<(String, bool)> {
        if self.withdrawn.is_some() {
            return None;
        }
        if is_cve(&self.id) {
            return Some((self.id.clone(), true));
        }
        let own = self.id.find("-CVE-").and_then(|at| self.id.get(at + 1..)).filter(|id| is_cve(id));
        let mut aliases = self.aliases.iter().filter(|id| is_cve(id));
        let alias = aliases.next().filter(|_| aliases.next().is_none());
        own.or(alias.map(String::as_str)).map(|cve| (cve.to_owned(), false))
    }

    fn facts(&self, cve: String) -> VulnerabilityFacts {
        let title = bounded(&self.summary, MAX_TITLE);
        let is_address = |url: &&str| (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= MAX_REFERENCE;
        let references = self.references.iter().map(|reference| reference.url.as_str()).filter(is_address);
        let description = Description {
            modified: self.modified,
            published: self.published,
            details: paragraphs(&self.details),
            references: references.take(MAX_REFERENCES).map(str::to_owned).collect(),
        };
        VulnerabilityFacts {
            cve,
            title: (!title.is_empty()).then_some(title),
            cvss: self.cvss(),
            description: (description != Description::default()).then(|| Box::new(description)),
            ..VulnerabilityFacts::default()
        }
    }

    /// The rating by CVSS 3, which most vendors rate by, so that numbers can be compared; else by another version.
    fn cvss(&self) -> Option<Cvss> {
        let rated = self.severity.iter().filter_map(|rating| {
            let version = rating.kind.strip_prefix("CVSS_V")?;
            let rank = ["2", "4", "3"].iter().position(|known| *known == version)?;
            Some((rank, cvss(&rating.score)?))
        });
        rated.max().map(|(_, cvss)| cvss)
    }
}

/// A vector with its base score.
fn cvss(vector: &str) -> Option<Cvss> {
    let vector = vector.trim();
    if vector.len() > MAX_VECTOR {
        return None;
    }
    let score = vector.parse::<cvss::Cvss>().ok()?.score();
    // Scores have one digit behind the point. The texts of 0.0 to 10.0 are the way that cannot go wrong.
    let (whole, tenth) = format!("{score:.1}").split_once('.').map(|(whole, tenth)| (whole.parse::<u8>(), tenth.parse::<u8>()))?;
    let tenths = whole.ok()?.checked_mul(10)?.checked_add(tenth.ok()?).filter(|tenths| *tenths <= 100)?;
    Some(Cvss { tenths, vector: vector.to_owned() })
}

/// Plain text of several lines, cut at a length.
fn paragraphs(text: &str) -> String {
    let plain = text.trim().chars().filter(|letter| !letter.is_control() || *letter == '\n');
    let mut kept: String = plain.take(MAX_DETAILS + 1).collect();
    if let Some((end, _)) = kept.char_indices().nth(MAX_DETAILS) {
        kept.truncate(end);
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const OWN: &str = r#"{
        "id": "CVE-2024-0001", "summary": "A  hole", "details": "First.\n\nSecond\u0007.",
        "published": "2024-01-02T03:04:05Z", "modified": "2024-02-02T00:00:00Z",
        "severity": [
            {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
        ],
        "references": [{"type": "WEB", "url": "https://a.example/1"}, {"type": "WEB", "url": "javascript:alert(1)"}],
        "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}}]
    }"#;

    fn facts(text: &str) -> VulnerabilityFacts {
        read_record(text.as_bytes()).expect("a record").expect("about a CVE")
    }

    #[test]
    fn a_record_is_read() {
        let facts = facts(OWN);
        let description = facts.description.expect("a description");
        assert_eq!((facts.cve.as_str(), facts.title.as_deref()), ("CVE-2024-0001", Some("A  hole")));
        assert_eq!((description.details.as_str(), description.references.len()), ("First.\n\nSecond.", 1));
        let cvss = facts.cvss.expect("a rating");
        assert_eq!((cvss.tenths, cvss.vector.as_str()), (98, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"));
        assert_eq!((facts.epss_ppm, facts.kev), (None, None));
    }

    #[rstest]
    #[case(r#""id": "UBUNTU-CVE-2024-0001""#, true)]
    #[case(r#""id": "GHSA-1", "aliases": ["CVE-2024-0001", "GO-2"]"#, true)]
    #[case(r#""id": "USN-1-1", "aliases": ["CVE-2024-0001", "CVE-2024-0002"]"#, false)]
    #[case(r#""id": "USN-1-1", "upstream": ["CVE-2024-0001"]"#, false)]
    #[case(r#""id": "CVE-2024-0001", "withdrawn": "2024-01-02T03:04:05Z""#, false)]
    #[case(r#""id": "X-CVE-1""#, false)]
    fn it_is_about_one_vulnerability(#[case] fields: &str, #[case] is: bool) {
        let read = read_record(format!("{{{fields}}}").as_bytes()).expect("a record");
        assert_eq!(read.map(|facts| facts.cve), is.then(|| "CVE-2024-0001".to_owned()));
    }

    // Scores as the calculators of first.org give them.
    #[rstest]
    #[case("CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:L", Some(37))]
    #[case("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Some(93))]
    #[case("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", Some(0))]
    #[case("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Some(100))]
    #[case("CVSS:9.9/AV:N", None)]
    #[case("9.8", None)]
    fn vectors_have_base_scores(#[case] vector: &str, #[case] tenths: Option<u8>) {
        assert_eq!(cvss(vector).map(|cvss| cvss.tenths), tenths);
    }

    #[test]
    fn the_record_of_its_own_id_counts_before_others() {
        let mut read = Read::default();
        read.take(br#"{"id": "DEBIAN-CVE-2024-0001", "summary": "Debian's words", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}]}"#);
        read.take(OWN.as_bytes());
        read.take(br#"{"id": "UBUNTU-CVE-2024-0001", "summary": "Ubuntu's words"}"#);
        read.take(b"[]");
        let list = read.list().expect("a list");
        assert_eq!((list.facts.len(), list.facts[0].title.as_deref()), (1, Some("A  hole")));
        assert_eq!(list.facts[0].cvss.as_ref().map(|cvss| cvss.tenths), Some(98));
        assert_eq!(list.warnings, ["1 of 4 files are no records"]);
        assert!(matches!(Read::default().list(), Err(ListError::NoRecords)));
    }

    #[test]
    fn what_is_long_is_cut() {
        let long = "ä\\n".repeat(20_000);
        let facts = facts(&format!(r#"{{"id": "CVE-2024-0001", "summary": "{long}", "details": "{long}"}}"#));
        let details = facts.description.expect("a description").details;
        assert_eq!((details.chars().count(), details.ends_with('…')), (MAX_DETAILS + 1, true));
        assert!(facts.title.expect("a title").chars().count() <= MAX_TITLE);
    }
}
