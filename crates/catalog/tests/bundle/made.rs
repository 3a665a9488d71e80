//! Bundles to test with.

use ed25519_dalek::SigningKey;
use fettle_catalog::bundle::{
    Base, BundleError, BundleKey, Carries, Exporter, FeedHead, Line, Piece, Signed, Writer, Written, contents, signature, verify,
};
use fettle_model::ids::{FeedId, PatchId};
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::Rule;
use fettle_model::vulnerability::VulnerabilityFacts;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use uuid::Uuid;

/// A feed's records, by key: the version of a patch, or the probability of a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Feed {
    pub(crate) carries: Carries,
    pub(crate) records: BTreeMap<String, u32>,
}

/// Feeds by a small number.
pub(crate) type Catalog = BTreeMap<u8, Feed>;

pub(crate) fn feed(carries: Carries, records: &[(&str, u32)]) -> Feed {
    Feed { carries, records: records.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect() }
}

/// Two feeds with a few records.
pub(crate) fn small() -> Catalog {
    let patches = feed(Carries::Patches, &[("debian:a@1", 1), ("debian:b@1", 1), ("debian:c@1", 1)]);
    let facts = feed(Carries::Facts, &[("CVE-2024-1000", 300), ("CVE-2024-1001", 20)]);
    [(1, patches), (2, facts)].into()
}

pub(crate) fn line(carries: Carries, key: &str, value: u32) -> Line {
    match carries {
        Carries::Patches => Line::Patch(Box::new(patch(key, &format!("title {value}")))),
        Carries::Facts => Line::Facts(VulnerabilityFacts { cve: key.to_owned(), epss_ppm: Some(value), ..VulnerabilityFacts::default() }),
    }
}

fn patch(id: &str, title: &str) -> Patch {
    Patch {
        id: PatchId(id.to_owned()),
        vendor: "Debian".to_owned(),
        title: title.to_owned(),
        description: "Several flaws were found.\nUpgrade.".to_owned(),
        platform: Platform::Linux,
        kind: PatchKind::Os,
        app_family: "openssl".to_owned(),
        products: vec!["debian/bookworm".to_owned()],
        architectures: vec!["amd64".to_owned()],
        bulletin: Some("DSA-5678-1".to_owned()),
        advisory_url: None,
        category: Category::Security,
        vendor_severity: Severity::None,
        cves: vec!["CVE-2024-1000".to_owned()],
        published_at: Some(now()),
        modified_at: None,
        supersedes: Vec::new(),
        reboot: Reboot::Never,
        download: Download::PackageManager { size: 1 },
        rollback: Rollback::No,
        rule: Rule::Dpkg { release: ReleaseKey::new("debian", "bookworm"), binaries: Vec::new(), sources: Vec::new() },
        source: "bookworm".to_owned(),
        enabled: true,
        baseline: false,
        scores: Scores::default(),
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-01-15T12:00:00Z".parse().expect("a time")
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn days(count: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(24 * count)
}

/// What is exported, by the key of seed 1.
pub(crate) fn export(catalog: &Catalog, sequence: u64, base: Option<Base>) -> (Vec<u8>, Written) {
    let mut writer = Writer::new(tempfile::tempfile().expect("a file"), base);
    for (number, feed) in catalog {
        let head = FeedHead {
            id: FeedId(Uuid::from_u128(u128::from(*number))),
            name: format!("feed {number}"),
            kind: "debian".to_owned(),
            release: Some(ReleaseKey::new("debian", "bookworm")),
            repositories: vec!["https://deb.example/debian".to_owned().try_into().expect("an address")],
            carries: feed.carries,
        };
        let mut open = writer.feed(head).expect("begins");
        for (key, value) in &feed.records {
            open.put(&line(feed.carries, key, *value)).expect("put");
        }
        writer = open.end().expect("ends");
    }
    let exporter = Exporter { id: Uuid::from_u128(7), name: "outside.example".to_owned() };
    let mut out = tempfile::tempfile().expect("a file");
    let sign = |manifest: &[u8]| signature(manifest, &key(1));
    let written = writer.finish(exporter, sequence, (now(), now() + days(90)), &sign, &mut out).expect("written");
    let mut bytes = Vec::new();
    out.seek(SeekFrom::Start(0)).expect("rewound");
    out.read_to_end(&mut bytes).expect("read");
    (bytes, written)
}

/// The base that an export is for later ones.
pub(crate) fn base(written: &Written) -> Base {
    Base { name: written.name, held: written.held.clone() }
}

pub(crate) fn trusted() -> [BundleKey; 2] {
    [BundleKey::of(&key(9)), BundleKey::of(&key(1))]
}

pub(crate) fn verified(bytes: &[u8]) -> Result<Signed, BundleError> {
    verify(bytes, &trusted())
}

/// Verifies a bundle and makes of `before` what it says.
pub(crate) fn import(bytes: &[u8], before: &Catalog) -> Result<Catalog, BundleError> {
    let signed = verified(bytes)?;
    let mut after = Catalog::new();
    let mut current = 0;
    contents(bytes, &signed, &mut |piece| {
        match piece {
            Piece::Feed(entry) => {
                current = u8::try_from(entry.feed.id.0.as_u128()).expect("a small number");
                let known = before.get(&current).filter(|_| !entry.whole).cloned();
                after.insert(current, known.unwrap_or(Feed { carries: entry.feed.carries, records: BTreeMap::new() }));
            }
            Piece::Lines(lines) => lines.into_iter().for_each(|line| apply(after.get_mut(&current).expect("begun"), line)),
        }
        Ok(())
    })?;
    for (entry, feed) in signed.manifest().feeds.iter().zip(after.values()) {
        assert_eq!(entry.total, feed.records.len() as u64, "the total is told");
    }
    Ok(after)
}

fn apply(feed: &mut Feed, line: Line) {
    let key = line.key().to_owned();
    let value = match line {
        Line::Patch(patch) => {
            let value = patch.title.strip_prefix("title ").and_then(|value| value.parse().ok()).expect("a title");
            assert_eq!(Line::Patch(patch), self::line(Carries::Patches, &key, value), "every field arrives");
            Some(value)
        }
        Line::Facts(facts) => facts.epss_ppm,
        Line::Withdrawn(_) | Line::Forgotten(_) => None,
    };
    match value {
        Some(value) => feed.records.insert(key, value),
        None => feed.records.remove(&key),
    };
}
