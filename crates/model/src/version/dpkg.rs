//! dpkg's version order (deb-version(7), Debian Policy §5.6.12).
//!
//! A version is `[epoch:]upstream[-revision]`. Upstream version and revision are compared piecewise, runs of
//! non-digits in a letter order where `~` comes before the end and everything else after letters, runs of digits
//! as numbers. The outcome is stored as a byte string that orders like the version does, so that comparing two
//! parsed versions is comparing bytes, and a sorted list of versions can be searched as a list of bytes.

use super::{MAX_LENGTH, VersionFlaw, write_number};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// `~`: before everything, even before the end of a part.
const TILDE: u8 = 0x01;
/// Ends a run of non-digits, and the whole part.
const END: u8 = 0x02;
/// Set on characters that are not letters, so that they come after all letters.
const AFTER_LETTERS: u8 = 0x80;

/// A version in dpkg's order. Equal when dpkg finds them equal: `1.0` equals `1.00` and `1.0-0`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DpkgVersion {
    text: Box<str>,
    key: Box<[u8]>,
}

/// A text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a Debian version: {flaw}", quoted(.text))]
pub struct InvalidVersion {
    /// What was given, cut to [`MAX_LENGTH`] bytes.
    pub text: String,
    /// What is wrong with it.
    pub flaw: VersionFlaw,
}

/// Appends the bytes of [`DpkgVersion::sort_key`] to `key`, for callers that keep many keys in one buffer.
///
/// # Errors
/// When dpkg would refuse the version, and when it is longer than [`MAX_LENGTH`]; `key` is then left as it was.
pub fn write_sort_key(text: &str, key: &mut Vec<u8>) -> Result<(), InvalidVersion> {
    let parts = split(text).map_err(|flaw| InvalidVersion { text: cut(text).to_owned(), flaw })?;
    key.extend_from_slice(&parts.epoch.to_be_bytes());
    write_part(parts.upstream.as_bytes(), key);
    // No revision is the same as revision 0.
    write_part(if parts.revision.is_empty() { b"0" } else { parts.revision.as_bytes() }, key);
    Ok(())
}

/// The parts of a version, checked.
struct Parts<'a> {
    epoch: u32,
    upstream: &'a str,
    /// Empty when there is none.
    revision: &'a str,
}

fn split(text: &str) -> Result<Parts<'_>, VersionFlaw> {
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
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return Err(VersionFlaw::EmptyRevision),
        Some(parts) => parts,
        None => (rest, ""),
    };
    if upstream.is_empty() {
        return Err(VersionFlaw::EmptyUpstream);
    }
    allow(upstream, b".-+~:")?;
    allow(revision, b".+~")?;
    Ok(Parts { epoch, upstream, revision })
}

fn parse_epoch(epoch: &str) -> Result<u32, VersionFlaw> {
    let digits = !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit());
    let number = epoch.parse::<u32>().ok().filter(|&number| i32::try_from(number).is_ok());
    number.filter(|_| digits).ok_or(VersionFlaw::Epoch)
}

fn allow(part: &str, marks: &[u8]) -> Result<(), VersionFlaw> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || u8::try_from(character).is_ok_and(|byte| marks.contains(&byte));
    part.chars().find(|&character| !allowed(character)).map_or(Ok(()), |character| Err(VersionFlaw::Character(character)))
}

/// Encodes upstream version or revision: pairs of non-digits and number, then the end.
///
/// After a number comes either a non-digit or the end, so the end's byte is only ever compared with
/// non-digits: below all of them except `~`, as the rule wants it.
fn write_part(mut part: &[u8], key: &mut Vec<u8>) {
    while !part.is_empty() {
        let non_digits = part.iter().take_while(|byte| !byte.is_ascii_digit()).count();
        let (text, rest) = part.split_at(non_digits);
        key.extend(text.iter().map(|&byte| order_of(byte)));
        key.push(END);
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at(digits);
        write_number(number, key);
        part = rest;
    }
    key.push(END);
}

fn order_of(byte: u8) -> u8 {
    match byte {
        b'~' => TILDE,
        letter if letter.is_ascii_alphabetic() => letter,
        other => other | AFTER_LETTERS,
    }
}

fn cut(text: &str) -> &str {
    let end = (0..=MAX_LENGTH.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// The start of a refused text in quotes: enough to recognise it, little enough for a message.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{short:?}") }
}

super::ordered_by_key!(
    /// Reads a version. Like dpkg it accepts an upstream version that does not start with a digit.
    DpkgVersion,
    InvalidVersion
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn version(text: &str) -> DpkgVersion {
        DpkgVersion::parse(text).expect("a version")
    }

    /// The comparison as deb-version(7) tells it, character by character: the slow judge of the keys.
    fn by_the_book(left: &str, right: &str) -> Ordering {
        let (left, right) = (split(left).expect("a version"), split(right).expect("a version"));
        let parts = || part(left.upstream, right.upstream).then_with(|| part(left.revision, right.revision));
        left.epoch.cmp(&right.epoch).then_with(parts)
    }

    fn part(left: &str, right: &str) -> Ordering {
        let order = |byte: Option<&u8>| match byte {
            None => 0,
            Some(b'~') => -1,
            Some(byte) if byte.is_ascii_digit() => 0,
            Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
            Some(byte) => i32::from(*byte) + 256,
        };
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        let (left, right) = (left.as_bytes(), right.as_bytes());
        let (mut i, mut j) = (0, 0);
        while i < left.len() || j < right.len() {
            while (i < left.len() && !digit(left.get(i))) || (j < right.len() && !digit(right.get(j))) {
                let unequal = order(left.get(i)).cmp(&order(right.get(j)));
                if unequal.is_ne() {
                    return unequal;
                }
                (i, j) = (i + 1, j + 1);
            }
            while left.get(i) == Some(&b'0') {
                i += 1;
            }
            while right.get(j) == Some(&b'0') {
                j += 1;
            }
            let mut first = Ordering::Equal;
            while digit(left.get(i)) && digit(right.get(j)) {
                first = first.then(left[i].cmp(&right[j]));
                (i, j) = (i + 1, j + 1);
            }
            let longer = digit(left.get(i)).cmp(&digit(right.get(j)));
            if longer.then(first).is_ne() {
                return longer.then(first);
            }
        }
        Ordering::Equal
    }

    fn any_version() -> impl Strategy<Value = String> {
        // A small alphabet, so that equal beginnings and close calls are frequent.
        "([0-2]:)?[0-9a-bZ.+~-]{0,3}[0-9aZ~.+]{1,6}(-[0-1a~.+]{1,4})?"
            .prop_filter("a version that dpkg accepts", |text| DpkgVersion::parse(text).is_ok())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn keys_order_as_the_book_says(left in any_version(), right in any_version()) {
            prop_assert_eq!(version(&left).cmp(&version(&right)), by_the_book(&left, &right));
        }

        #[test]
        fn the_order_is_total(a in any_version(), b in any_version(), c in any_version()) {
            let (a, b, c) = (version(&a), version(&b), version(&c));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(a.cmp(&b).is_eq(), a == b);
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
            if a == b {
                prop_assert_eq!(a.cmp(&c), b.cmp(&c));
                prop_assert_eq!(a.sort_key(), b.sort_key());
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(version) = DpkgVersion::parse(&text) {
                prop_assert_eq!(version.as_str(), text);
            }
        }
    }

    #[rstest]
    #[case("1.0", "1.00")]
    #[case("1.0", "1.0-0")]
    #[case("1.0", "0:1.0")]
    #[case("1.a", "1.a0")]
    #[case("1.0-1", "1.0-01")]
    fn equal_versions_hash_alike(#[case] left: &str, #[case] right: &str) {
        assert_eq!(version(left), version(right));
        let set = std::collections::HashSet::from([version(left), version(right)]);
        assert_eq!(set.len(), 1);
    }

    #[test]
    fn a_ladder_of_versions_is_in_order() {
        let ladder = [
            "0~~",
            "0~~a",
            "0~",
            "0",
            "0a",
            "0+",
            "0.",
            "1.0~rc1",
            "1.0~rc1-1",
            "1.0",
            "1.0-1~deb12u1",
            "1.0-1",
            "1.0-1+b1",
            "1.0-1.1",
            "1.0-2",
            "1.0a",
            "1.0+dfsg",
            "1.0.1",
            "1.2",
            "1.10",
            "9",
            "10",
            "1:0.1",
        ];
        for pair in ladder.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn numbers_of_any_length_compare_as_numbers() {
        for lengths in [[253, 254], [254, 255], [255, 256], [400, 500]] {
            let [short, long] = lengths.map(|length| version(&"9".repeat(length)));
            assert!(short < long, "{lengths:?}");
            assert!(version(&format!("1{}", "0".repeat(lengths[0]))) > short, "{lengths:?}");
        }
    }

    #[rstest]
    #[case("", VersionFlaw::Empty)]
    #[case(":1", VersionFlaw::Epoch)]
    #[case("a:1", VersionFlaw::Epoch)]
    #[case("+1:1", VersionFlaw::Epoch)]
    #[case("2147483648:1", VersionFlaw::Epoch)]
    #[case("1:", VersionFlaw::EmptyUpstream)]
    #[case("-1", VersionFlaw::EmptyUpstream)]
    #[case("1.0-", VersionFlaw::EmptyRevision)]
    #[case("1.0 ", VersionFlaw::Character(' '))]
    #[case("1_0", VersionFlaw::Character('_'))]
    #[case("0:1.0-1:2", VersionFlaw::Character(':'))]
    #[case("1.é", VersionFlaw::Character('é'))]
    fn what_dpkg_refuses_is_refused(#[case] text: &str, #[case] flaw: VersionFlaw) {
        assert_eq!(DpkgVersion::parse(text).map_err(|error| error.flaw), Err(flaw));
    }

    #[test]
    fn an_absurd_version_is_refused_in_a_short_message() {
        let error = DpkgVersion::parse(&"é".repeat(1_000_000)).expect_err("too long");
        assert_eq!(error.flaw, VersionFlaw::TooLong);
        assert!(error.text.len() <= MAX_LENGTH && error.to_string().len() < 250, "{error}");
    }

    #[test]
    fn json_is_the_text() {
        let json = serde_json::to_string(&version("1:2-3")).expect("JSON");
        assert_eq!(json, "\"1:2-3\"");
        assert_eq!(serde_json::from_str::<DpkgVersion>(&json).expect("a version"), version("1:2-3"));
        assert!(serde_json::from_str::<DpkgVersion>("\"-\"").is_err());
    }
}
