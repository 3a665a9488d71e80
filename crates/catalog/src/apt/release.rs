//! The `Release` file of a suite: what there is, in which sizes, with which hashes.

use super::ReleaseError;
use crate::deb822::{Reader, Wanted};
use crate::index::Stated;
use crate::signature::Signed;
use crate::verified::Verified;
use data_encoding::HEXLOWER_PERMISSIVE;
use fettle_model::digest::Sha256Digest;
use fettle_model::os::ReleaseKey;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Largest `Release`; Debian's have 150 KB, Ubuntu's 300 KB.
pub(super) const MAX_RELEASE: u64 = 16 * 1024 * 1024;
/// How far the mirror's clock may be ahead of ours.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(10);
const SHORT: usize = 1024;
const LONG: usize = MAX_RELEASE as usize;

const FIELDS: &[Wanted] = &[
    Wanted::line("Origin", SHORT),
    Wanted::line("Suite", SHORT),
    Wanted::line("Codename", SHORT),
    Wanted::line("Date", SHORT),
    Wanted::line("Valid-Until", SHORT),
    Wanted::line("Acquire-By-Hash", SHORT),
    Wanted::line("NotAutomatic", SHORT),
    Wanted::line("Architectures", SHORT),
    Wanted::line("No-Support-for-Architecture-all", SHORT),
    Wanted::lines("SHA256", LONG),
];

/// A `Release` file, checked as far as it can be without its indexes.
#[derive(Debug)]
pub(crate) struct Release {
    /// `Origin`; empty when missing.
    pub(crate) origin: String,
    suite: String,
    codename: String,
    /// `Date`.
    pub(crate) date: Timestamp,
    /// `Valid-Until`.
    pub(crate) valid_until: Option<Timestamp>,
    /// Whether indexes can be fetched by their hash.
    pub(crate) by_hash: bool,
    not_automatic: bool,
    /// Whether packages of architecture `all` stand in an index of their own.
    pub(crate) separate_all: bool,
    files: HashMap<String, Stated>,
    /// Fingerprints of the keys that signed it.
    pub(crate) signed_by: Vec<String>,
}

impl Release {
    /// Reads a `Release` file that passed the signature check.
    pub(crate) fn parse(signed: Verified<Signed>) -> Result<Self, ReleaseError> {
        let signed = signed.into_inner();
        let mut reader = Reader::new(signed.text.as_slice(), FIELDS);
        let mut paragraph = reader.next().map_err(ReleaseError::Malformed)?.ok_or(missing("Date"))?;
        let mut text = |position| paragraph.take(position).unwrap_or_default();
        let (origin, suite, codename) = (text(0), text(1), text(2));
        let date = timestamp("Date", &text(3))?;
        let valid_until = Some(text(4)).filter(|text| !text.is_empty()).map(|text| timestamp("Valid-Until", &text)).transpose()?;
        let (by_hash, not_automatic) = (is_yes(&text(5)), is_yes(&text(6)));
        let all = text(7).split_whitespace().any(|architecture| architecture == "all");
        let separate_all = all && !text(8).split_whitespace().any(|index| index == "Packages");
        let files = files(&text(9))?;
        Ok(Self { origin, suite, codename, date, valid_until, by_hash, not_automatic, separate_all, files, signed_by: signed.keys })
    }

    /// Checks that it is the wanted suite of the feed's release, and may be used now.
    pub(crate) fn check(&self, suite: &str, release: &ReleaseKey, now: Timestamp) -> Result<(), ReleaseError> {
        if self.date > now.saturating_add(MAX_AHEAD).unwrap_or(Timestamp::MAX) {
            return Err(ReleaseError::FromTheFuture { date: self.date, now });
        }
        if let Some(valid_until) = self.valid_until.filter(|&until| until < now) {
            return Err(ReleaseError::Expired { valid_until, now });
        }
        if self.suite.is_empty() && self.codename.is_empty() {
            return Err(ReleaseError::Field { field: "Codename", flaw: "neither Suite nor Codename is there".into() });
        }
        if suite != self.suite && suite != self.codename {
            return Err(ReleaseError::OtherSuite { suite: self.suite.clone(), codename: self.codename.clone() });
        }
        let codename = if self.codename.is_empty() { &self.suite } else { &self.codename };
        let base = codename.split(['-', '/']).next().unwrap_or_default();
        if !base.eq_ignore_ascii_case(release.codename()) {
            return Err(ReleaseError::OtherRelease { codename: codename.clone(), wanted: release.to_string() });
        }
        if self.not_automatic {
            return Err(ReleaseError::NotAutomatic);
        }
        Ok(())
    }

    /// What is stated of a file below the suite's folder.
    pub(crate) fn file(&self, path: &str) -> Option<Stated> {
        self.files.get(path).copied()
    }

    /// Components and architectures that have package indexes, as `main/amd64`, ordered.
    pub(crate) fn available(&self) -> Vec<String> {
        let mut names: Vec<String> = self.files.keys().filter_map(|path| index_name(path)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// `main/amd64` of `main/binary-amd64/Packages.xz`.
fn index_name(path: &str) -> Option<String> {
    let (folder, _) = path.rsplit_once('/')?;
    let (component, architecture) = folder.rsplit_once("/binary-")?;
    Some(format!("{component}/{architecture}"))
}

fn missing(field: &'static str) -> ReleaseError {
    ReleaseError::Field { field, flaw: "it is missing".into() }
}

fn is_yes(text: &str) -> bool {
    text.eq_ignore_ascii_case("yes")
}

/// Dates are in the form of mails (RFC 5322), always in UTC.
fn timestamp(field: &'static str, text: &str) -> Result<Timestamp, ReleaseError> {
    if text.is_empty() {
        return Err(missing(field));
    }
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |start| format!("{start}GMT"));
    let not_a_date = || ReleaseError::Field { field, flaw: format!("{:?} is not a date", short(&text)) };
    jiff::fmt::rfc2822::parse(&text).map(|zoned| zoned.timestamp()).map_err(|_| not_a_date())
}

/// Reads the list of files; only package indexes are kept.
fn files(text: &str) -> Result<HashMap<String, Stated>, ReleaseError> {
    let mut files = HashMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let damaged = || ReleaseError::Field { field: "SHA256", flaw: format!("{:?} is not hash, size and name", short(line)) };
        let mut words = line.split_whitespace();
        let (Some(hash), Some(size), Some(name), None) = (words.next(), words.next(), words.next(), words.next()) else {
            return Err(damaged());
        };
        let file = name.rsplit('/').next().unwrap_or_default();
        if !matches!(file, "Packages" | "Packages.xz" | "Packages.gz") {
            continue;
        }
        let digest = HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(damaged)?;
        let stated = Stated { digest: Sha256Digest(digest), size: size.parse().map_err(|_| damaged())? };
        if files.insert(name.to_owned(), stated).is_some_and(|earlier| earlier != stated) {
            return Err(ReleaseError::Field { field: "SHA256", flaw: format!("{:?} is listed twice", short(name)) });
        }
    }
    if files.is_empty() {
        return Err(ReleaseError::Field { field: "SHA256", flaw: "no package index is listed".into() });
    }
    Ok(files)
}

fn short(line: &str) -> String {
    line.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "SHA256:\n 00000000000000000000000000000000000000000000000000000000000000ff 12 main/binary-amd64/Packages.xz\n";

    fn parse(text: &str) -> Result<Release, ReleaseError> {
        Release::parse(Verified::checked(Signed { text: text.as_bytes().to_vec(), keys: vec![] }))
    }

    fn release(fields: &str) -> Release {
        parse(&format!("Origin: Debian\nSuite: stable\nCodename: bookworm\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n{fields}{INDEX}"))
            .expect("a Release")
    }

    fn refused(fields: &str, suite: &str, now: &str) -> String {
        let now = now.parse().expect("a time");
        release(fields).check(suite, &ReleaseKey::new("debian", "bookworm"), now).expect_err("refused").to_string()
    }

    #[test]
    fn fields_and_files_are_read() {
        let release = release("Acquire-By-Hash: yes\nArchitectures: all amd64\nValid-Until: Sat, 18 Jul 2026 10:16:37 UTC\n");
        assert_eq!(release.date, "2026-07-11T10:16:37Z".parse().expect("a time"));
        assert_eq!(release.valid_until, Some("2026-07-18T10:16:37Z".parse().expect("a time")));
        assert!(release.by_hash && release.separate_all);
        assert_eq!(release.file("main/binary-amd64/Packages.xz").map(|stated| stated.size), Some(12));
        assert_eq!(release.available(), ["main/amd64"]);
        for suite in ["stable", "bookworm"] {
            let now = "2026-07-12T00:00:00Z".parse().expect("a time");
            release.check(suite, &ReleaseKey::new("debian", "bookworm"), now).expect("may be used");
        }
    }

    #[test]
    fn what_may_not_be_used_is_refused() {
        let (now, none) = ("2026-07-20T00:00:00Z", "");
        insta::assert_snapshot!(refused("Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC\n", "stable", now), @"it may be used until 2026-07-18T10:16:37Z only and it is 2026-07-20T00:00:00Z now; the mirror is out of date, or this server's clock is wrong");
        insta::assert_snapshot!(refused(none, "stable", "2026-07-11T10:00:00Z"), @"it was published at 2026-07-11T10:16:37Z and it is 2026-07-11T10:00:00Z now; this server's clock is wrong");
        insta::assert_snapshot!(refused(none, "bullseye", now), @r#"the mirror answered with suite "stable", code name "bookworm"; check the address and the suite"#);
        insta::assert_snapshot!(refused("NotAutomatic: yes\n", "stable", now), @"its packages are not meant to be installed automatically (NotAutomatic: yes), as with backports and experimental; remove it from the feed");
        let other = release(none).check("stable", &ReleaseKey::new("debian", "trixie"), now.parse().expect("a time"));
        insta::assert_snapshot!(other.expect_err("refused"), @r#"it belongs to "bookworm" and the feed to debian/trixie; make a feed of its own for it"#);
    }

    #[test]
    fn damaged_fields_are_refused() {
        let refused = |text: &str| parse(text).expect_err("refused").to_string();
        insta::assert_snapshot!(refused(""), @"its Release file has no usable field Date: it is missing");
        insta::assert_snapshot!(refused("Date: yesterday\n"), @r#"its Release file has no usable field Date: "yesterday" is not a date"#);
        let date = "Date: Sat, 11 Jul 2026 10:16:37 UTC\n";
        insta::assert_snapshot!(refused(date), @"its Release file has no usable field SHA256: no package index is listed");
        let repeated = format!("{date}{INDEX}{}", INDEX.replace("SHA256:\n", "").replace("ff 12", "fe 12"));
        let damaged = [format!("{date}SHA256:\n ff 12 main/binary-amd64/Packages\n"), format!("{date}SHA256:\n one two\n"), repeated];
        insta::assert_snapshot!(damaged.map(|text| refused(&text)).join("\n"));
    }
}
