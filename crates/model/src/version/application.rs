//! Versions of Windows applications, as the Windows Package Manager compares them.
//!
//! A version is parts between points; a part is a number and what follows it. Missing parts are 0, a number is newer
//! than the same number with something behind it (`1.0` after `1.0-rc`), case and what stands before the first digit
//! (`v1.0`, `Version 1.0`) do not matter. `latest` is newer than everything and `unknown` older. `< 1.0` is just below
//! 1.0 and `> 1.0` just above: what a catalog says when it knows no better.

use super::{MAX_LENGTH, VersionFlaw, write_number};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// Most parts. Versions have four, some six; the key of every version has all of them, so that missing ones are zeros.
pub const MAX_PARTS: usize = 16;

/// First byte of a key.
const UNKNOWN: u8 = 0;
const KNOWN: u8 = 1;
const LATEST: u8 = 2;
/// Stands for nothing behind a number; no UTF-8 has this byte, and all of it are less.
const BARE: u8 = 0xff;

/// A version of an application. Equal when it is the same version: `1.0` equals `v1` and `1.0.0`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApplicationVersion {
    text: Box<str>,
    key: Box<[u8]>,
}

/// Appends the bytes of [`ApplicationVersion::sort_key`] to `key`, for callers that keep many keys in one buffer.
///
/// # Errors
/// When it is empty, longer than [`MAX_LENGTH`], or has more than [`MAX_PARTS`] parts; `key` is then left as it was.
pub fn write_sort_key(text: &str, key: &mut Vec<u8>) -> Result<(), VersionFlaw> {
    if text.len() > MAX_LENGTH {
        return Err(VersionFlaw::TooLong);
    }
    let (nearness, version) = match text.trim() {
        "" => return Err(VersionFlaw::Empty),
        text => match (text.strip_prefix('<'), text.strip_prefix('>')) {
            (Some(version), _) => (0, version.trim()),
            (_, Some(version)) => (2, version.trim()),
            (None, None) => (1, text),
        },
    };
    if version.is_empty() {
        return Err(VersionFlaw::Empty);
    }
    let folded = version.to_lowercase();
    let kind = match folded.as_str() {
        "unknown" => UNKNOWN,
        "latest" => LATEST,
        _ => KNOWN,
    };
    let parts: Vec<&str> = without_prefix(&folded).split('.').map(str::trim).collect();
    let parts = if kind == KNOWN { parts.as_slice() } else { &[] };
    let used = parts.iter().rposition(|part| !is_zero(part)).map_or(0, |last| last + 1);
    if used > MAX_PARTS {
        return Err(VersionFlaw::TooLong);
    }
    key.push(kind);
    for part in parts.iter().take(used).copied().chain(std::iter::repeat("")).take(MAX_PARTS) {
        write_part(part, key);
    }
    key.push(nearness);
    Ok(())
}

/// What stands before the first digit is no part of the version, unless a point stands before it.
fn without_prefix(version: &str) -> &str {
    match version.find(|letter: char| letter == '.' || letter.is_ascii_digit()) {
        Some(at) if !version.get(at..).is_some_and(|rest| rest.starts_with('.')) => version.get(at..).unwrap_or(version),
        _ => version,
    }
}

fn is_zero(part: &str) -> bool {
    part.bytes().all(|byte| byte == b'0')
}

fn write_part(part: &str, key: &mut Vec<u8>) {
    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = part.split_at_checked(digits).unwrap_or(("", part));
    write_number(number.as_bytes(), key);
    match rest.trim() {
        "" => key.push(BARE),
        rest => {
            key.extend(rest.bytes());
            key.push(0);
        }
    }
}

super::ordered_by_key!(
    /// Reads a version. Nearly every text is one.
    ApplicationVersion,
    VersionFlaw
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn version(text: &str) -> ApplicationVersion {
        ApplicationVersion::parse(text).expect("a version")
    }

    /// Part by part, with zeros where one has no more: the slow judge of the keys.
    fn by_the_book(left: &str, right: &str) -> Ordering {
        let parts = |text: &str| -> Vec<(u64, String)> {
            let part = |part: &str| {
                let digits = part.bytes().take_while(u8::is_ascii_digit).count();
                (part[..digits].parse().unwrap_or(0), part[digits..].to_lowercase())
            };
            without_prefix(text).split('.').map(part).collect()
        };
        let (left, right) = (parts(left), parts(right));
        let none = (0, String::new());
        for at in 0..left.len().max(right.len()) {
            let ((l, l_rest), (r, r_rest)) = (left.get(at).unwrap_or(&none), right.get(at).unwrap_or(&none));
            let rest = l_rest.is_empty().cmp(&r_rest.is_empty()).then_with(|| l_rest.cmp(r_rest));
            let unequal = l.cmp(r).then(rest);
            if unequal.is_ne() {
                return unequal;
            }
        }
        Ordering::Equal
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn keys_order_as_the_book_says(left in "v?[0-2a-bZ.-]{1,7}", right in "v?[0-2a-bZ.-]{1,7}") {
            prop_assert_eq!(version(&left).cmp(&version(&right)), by_the_book(&left, &right));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(version) = ApplicationVersion::parse(&text) {
                prop_assert_eq!(version.as_str(), text.as_str());
            }
        }
    }

    #[rstest]
    #[case("1.0", "v1")]
    #[case("1.0", "Version 1.0.0 ")]
    #[case("1.2.03-Beta", "1.2.3-beta")]
    #[case("latest", "LATEST")]
    fn the_same_version_may_be_written_otherwise(#[case] left: &str, #[case] right: &str) {
        assert_eq!(version(left), version(right));
    }

    #[test]
    fn a_ladder_of_versions_is_in_order() {
        let ladder = [
            "unknown",
            "alpha",
            "beta",
            "< 1.0-rc",
            "1.0-rc",
            "< 1.0",
            "1",
            "> 1.0",
            "1.0.1",
            "3.12.8",
            "3.12.8150.0",
            "22.0.0-rc.1",
            "22.0.0.1-rc",
            "22.0.0.1",
            "99999999999999999999999",
            "< latest",
            "latest",
            "> latest",
        ];
        for pair in ladder.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[rstest]
    #[case("", VersionFlaw::Empty)]
    #[case(" ", VersionFlaw::Empty)]
    #[case("<", VersionFlaw::Empty)]
    #[case("1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", VersionFlaw::TooLong)]
    fn what_is_no_version_is_refused(#[case] text: &str, #[case] flaw: VersionFlaw) {
        assert_eq!(ApplicationVersion::parse(text), Err(flaw));
    }
}
