//! RPM's version order (rpm-version(7), `rpmvercmp`), and names of packages.
//!
//! Versions are compared piece by piece: runs of letters, runs of digits as numbers, `~` before the end and `^`
//! right after it; everything else only separates. As for dpkg the outcome is stored as bytes that order like the
//! versions do.

use super::{MAX_LENGTH, VersionFlaw, write_number};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// What comes next in a version, in RPM's order: a number is newer than letters, both are newer than the end.
const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const CARET: u8 = 0x03;
const LETTERS: u8 = 0x04;
const NUMBER: u8 = 0x05;

/// Epoch, version and release in RPM's order. Equal when RPM finds them equal: `1.0-1` equals `0:1_0-01`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RpmVersion {
    text: Box<str>,
    key: Box<[u8]>,
}

/// Appends the bytes of [`RpmVersion::sort_key`] to `key`, for callers that keep many keys in one buffer.
///
/// # Errors
/// When there is no version, when the epoch is no number, and when the text is longer than [`MAX_LENGTH`]; `key` is then left
/// as it was.
pub fn write_sort_key(text: &str, key: &mut Vec<u8>) -> Result<(), VersionFlaw> {
    if text.is_empty() {
        return Err(VersionFlaw::Empty);
    }
    if text.len() > MAX_LENGTH {
        return Err(VersionFlaw::TooLong);
    }
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (parse_epoch(epoch)?, rest),
        None => (0, text),
    };
    let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
    if version.is_empty() {
        return Err(VersionFlaw::EmptyUpstream);
    }
    key.extend_from_slice(&epoch.to_be_bytes());
    write_part(version.as_bytes(), key);
    write_part(release.as_bytes(), key);
    Ok(())
}

/// Some tools write `(none)` for no epoch.
fn parse_epoch(epoch: &str) -> Result<u32, VersionFlaw> {
    if epoch == "(none)" {
        return Ok(0);
    }
    let digits = !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit());
    epoch.parse::<u32>().ok().filter(|_| digits).ok_or(VersionFlaw::Epoch)
}

/// Encodes version or release. Each piece begins with what it is; letters end with a zero, which is less than any letter.
fn write_part(mut part: &[u8], key: &mut Vec<u8>) {
    while let Some(&first) = part.first() {
        let run = |is: fn(&u8) -> bool| part.iter().take_while(|byte| is(byte)).count();
        let taken = match first {
            b'~' => {
                key.push(TILDE);
                1
            }
            b'^' => {
                key.push(CARET);
                1
            }
            b'0'..=b'9' => {
                let digits = run(u8::is_ascii_digit);
                key.push(NUMBER);
                write_number(part.get(..digits).unwrap_or_default(), key);
                digits
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                let letters = run(u8::is_ascii_alphabetic);
                key.push(LETTERS);
                key.extend_from_slice(part.get(..letters).unwrap_or_default());
                key.push(0);
                letters
            }
            _ => 1,
        };
        part = part.get(taken..).unwrap_or_default();
    }
    key.push(END);
}

/// A package as RPM names it: `name-[epoch:]version-release[.architecture]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nevra {
    /// Name.
    pub name: String,
    /// `[epoch:]version-release`.
    pub evr: String,
    /// Architecture, `src` for source packages; empty when the text has none.
    pub architecture: String,
}

/// Endings of package names that are architectures. A name without one may end in a release such as `12.fc39`.
const ARCHITECTURES: [&str; 26] = [
    "noarch",
    "src",
    "nosrc",
    "x86_64",
    "x86_64_v2",
    "i386",
    "i486",
    "i586",
    "i686",
    "athlon",
    "amd64",
    "ia64",
    "aarch64",
    "armv7hl",
    "armv7l",
    "armv6hl",
    "armv5tel",
    "ppc",
    "ppc64",
    "ppc64le",
    "ppc64p7",
    "s390",
    "s390x",
    "riscv64",
    "riscv",
    "loongarch64",
];

impl Nevra {
    /// Reads a package's name; a trailing `.rpm` is left out. `None` when the text has no version and release.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(".rpm").unwrap_or(text);
        let (rest, architecture) = match text.rsplit_once('.') {
            Some((rest, ending)) if ARCHITECTURES.contains(&ending) => (rest, ending),
            _ => (text, ""),
        };
        let (rest, release) = rest.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-').unwrap_or(("", rest));
        let is_evr = !version.is_empty() && !release.is_empty();
        is_evr.then(|| Self { name: name.to_owned(), evr: format!("{version}-{release}"), architecture: architecture.to_owned() })
    }
}

super::ordered_by_key!(
    /// Reads `[epoch:]version[-release]`. A release that is missing is older than any.
    RpmVersion,
    VersionFlaw
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn version(text: &str) -> RpmVersion {
        RpmVersion::parse(text).expect("a version")
    }

    /// The comparison of one part, as rpm-version(7) tells it: the slow judge of the keys.
    fn by_the_book(mut left: &str, mut right: &str) -> Ordering {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '~' || letter == '^';
        loop {
            left = left.trim_start_matches(|letter| !is_part(letter));
            right = right.trim_start_matches(|letter| !is_part(letter));
            for (mark, of_the_end) in [('~', Ordering::Less), ('^', Ordering::Greater)] {
                match (left.strip_prefix(mark), right.strip_prefix(mark)) {
                    (Some(l), Some(r)) => return by_the_book(l, r),
                    (Some(_), None) => return if mark == '^' && right.is_empty() { of_the_end } else { Ordering::Less },
                    (None, Some(_)) => return if mark == '^' && left.is_empty() { of_the_end.reverse() } else { Ordering::Greater },
                    (None, None) => {}
                }
            }
            if left.is_empty() || right.is_empty() {
                return left.len().min(1).cmp(&right.len().min(1));
            }
            let is_number = left.starts_with(|letter: char| letter.is_ascii_digit());
            let of_kind = |letter: char| if is_number { letter.is_ascii_digit() } else { letter.is_ascii_alphabetic() };
            let end = |text: &str| text.find(|letter| !of_kind(letter)).unwrap_or(text.len());
            let ((l, left_rest), (r, right_rest)) = (left.split_at(end(left)), right.split_at(end(right)));
            if r.is_empty() {
                return if is_number { Ordering::Greater } else { Ordering::Less };
            }
            let unequal = if is_number {
                let (l, r) = (l.trim_start_matches('0'), r.trim_start_matches('0'));
                l.len().cmp(&r.len()).then_with(|| l.cmp(r))
            } else {
                l.cmp(r)
            };
            if unequal.is_ne() {
                return unequal;
            }
            (left, right) = (left_rest, right_rest);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn keys_order_as_the_book_says(left in "[0-2a-bZ.~^_+]{1,8}", right in "[0-2a-bZ.~^_+]{1,8}") {
            prop_assert_eq!(version(&left).cmp(&version(&right)), by_the_book(&left, &right));
        }

        #[test]
        fn the_order_is_total(a in "[01a.~^-]{1,7}", b in "[01a.~^-]{1,7}", c in "[01a.~^-]{1,7}") {
            let all = [RpmVersion::parse(&a), RpmVersion::parse(&b), RpmVersion::parse(&c)];
            if let [Ok(a), Ok(b), Ok(c)] = all {
                prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
                prop_assert_eq!(a.cmp(&b).is_eq(), a == b);
                prop_assert!(!(a <= b && b <= c) || a <= c);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(version) = RpmVersion::parse(&text) {
                prop_assert_eq!(version.as_str(), text.as_str());
            }
            if let Some(nevra) = Nevra::parse(&text) {
                prop_assert!(!nevra.evr.is_empty());
            }
        }
    }

    #[rstest]
    #[case("1.0-1", "0:1.0-1")]
    #[case("1.0-1", "1_0-01")]
    #[case("(none):1-1", "1-1")]
    #[case("1.0.-1", "1.0-1")]
    fn equal_versions_hash_alike(#[case] left: &str, #[case] right: &str) {
        assert_eq!(version(left), version(right));
        assert_eq!(std::collections::HashSet::from([version(left), version(right)]).len(), 1);
    }

    #[test]
    fn a_ladder_of_versions_is_in_order() {
        let ladder = [
            "1.0~rc1-1",
            "1.0~rc1^git1-1",
            "1.0",
            "1.0-1.el8",
            "1.0-1.el9",
            "1.0-1.el9_2",
            "1.0-2.el8",
            "1.0^git1-1",
            "1.0a-1",
            "1.0.1-1",
            "1.2-1",
            "1.10-1",
            "1:0.1-1",
        ];
        for pair in ladder.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[rstest]
    #[case("", VersionFlaw::Empty)]
    #[case("a:1-1", VersionFlaw::Epoch)]
    #[case(":1-1", VersionFlaw::Epoch)]
    #[case("1:", VersionFlaw::EmptyUpstream)]
    #[case("-1", VersionFlaw::EmptyUpstream)]
    fn what_is_no_version_is_refused(#[case] text: &str, #[case] flaw: VersionFlaw) {
        assert_eq!(RpmVersion::parse(text), Err(flaw));
    }

    #[rstest]
    #[case("bash-4.4.20-1.el8_4.x86_64", "bash", "4.4.20-1.el8_4", "x86_64")]
    #[case("fonts-filesystem-1:2.0.5-12.fc39.noarch", "fonts-filesystem", "1:2.0.5-12.fc39", "noarch")]
    #[case("fonts-filesystem-2.0.5-12.fc39", "fonts-filesystem", "2.0.5-12.fc39", "")]
    #[case("1:2.0.5-12.fc39", "", "1:2.0.5-12.fc39", "")]
    #[case("kernel-3.10.0-1160.el7.src.rpm", "kernel", "3.10.0-1160.el7", "src")]
    fn names_come_apart(#[case] text: &str, #[case] name: &str, #[case] evr: &str, #[case] architecture: &str) {
        let nevra = Nevra { name: name.to_owned(), evr: evr.to_owned(), architecture: architecture.to_owned() };
        assert_eq!(Nevra::parse(text), Some(nevra));
    }
}
