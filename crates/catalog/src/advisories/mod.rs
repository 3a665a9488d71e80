//! Advisories of distributions made of dpkg packages: the Debian security tracker's list, or records of the Open Source
//! Vulnerability format as Ubuntu publishes them.
//!
//! Neither carries a signature: what protects them is the address they come from. They decide what a patch is called
//! and which vulnerabilities it is said to fix, never which package is installed.

mod osv;
mod tracker;

use fettle_model::os::ReleaseKey;
use fettle_model::patch::Severity;
use fettle_model::version::DpkgVersion;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Largest list. The security team's has 1.5 MB after 25 years; Ubuntu's records, packed, some 60 MB.
pub(crate) const MAX_LIST: u64 = 256 * 1024 * 1024;
/// Most CVE ids of one advisory; the kernel's have up to 1,000.
const MAX_CVES: usize = 5_000;

/// Why an advisory list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AdvisoryError {
    /// Not the expected format.
    #[error("it holds no advisory in the format of the security tracker's DSA/list")]
    Foreign,
    /// Not text.
    #[error("it is not text in UTF-8")]
    NotText,
    /// An archive that cannot be read.
    #[error("the archive cannot be read: {0}")]
    Archive(#[from] std::io::Error),
    /// An archive without advisories.
    #[error("the archive holds no advisory in the Open Source Vulnerability format (records whose id starts with USN-, DSA- or DLA-)")]
    NoRecords,
    /// An archive that is larger than any real one.
    #[error("the archive unpacks to more than {0}")]
    TooLarge(&'static str),
}

/// An advisory that speaks of the wanted release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Advisory {
    /// `DSA-5380-1`.
    pub(crate) id: String,
    /// When it was published; where only the day is told, at midnight UTC.
    pub(crate) published: Timestamp,
    /// `xorg-server - security update`.
    pub(crate) title: String,
    /// What it is about; empty when the list does not tell.
    pub(crate) details: String,
    /// The vendor's rating: the worst of the vulnerabilities.
    pub(crate) severity: Severity,
    /// CVE ids, ordered.
    pub(crate) cves: BTreeSet<String>,
    /// Source packages and the version that fixes them.
    pub(crate) fixed: BTreeMap<String, DpkgVersion>,
}

/// What was read of a list.
#[derive(Debug)]
pub(crate) struct AdvisoryList {
    /// Advisories for the release, in the list's order.
    pub(crate) advisories: Vec<Advisory>,
    /// What could not be read.
    pub(crate) warnings: Vec<String>,
}

impl Advisory {
    /// The advisory's public page; `None` where none is known.
    pub(crate) fn url(&self) -> Option<String> {
        let (kind, rest) = self.id.split_once('-')?;
        let number = rest.split('-').next()?;
        let year = self.published.to_zoned(TimeZone::UTC).year();
        match kind {
            "DSA" => Some(format!("https://www.debian.org/security/{year}/dsa-{number}")),
            "DLA" => Some(format!("https://www.debian.org/lts/security/{year}/dla-{number}")),
            "USN" => Some(format!("https://ubuntu.com/security/notices/{}", self.id)),
            _ => None,
        }
    }
}

/// Reads a list: an archive of records when it is packed, else the security tracker's text. What cannot be read is
/// skipped with a warning: one slip must not hide all advisories.
pub(crate) fn read(bytes: &[u8], release: &ReleaseKey) -> Result<AdvisoryList, AdvisoryError> {
    if osv::is_archive(bytes) { osv::read(bytes, release) } else { tracker::read(bytes, release.codename()) }
}

fn is_cve(id: &str) -> bool {
    id.len() <= 24 && id.strip_prefix("CVE-").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

/// Advisory ids and package names become parts of patch ids.
fn is_id(text: &str) -> bool {
    let starts_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    starts_well && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
}
