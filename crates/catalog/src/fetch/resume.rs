//! Going on where a download was cut off (RFC 9110 §14, and §13.1.5 for `If-Range`).

use super::Validators;
use reqwest::header::{CONTENT_RANGE, DATE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};

/// Longest validator that is sent back.
const MAX_VALIDATOR: usize = 512;
/// Seconds that must lie between a last change and the answer, so that a second change within the same second cannot hide
/// (RFC 9110 §8.8.2.2).
const STRONG_AFTER: i64 = 1;

/// What is known of an answer that began: enough to ask for its rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    /// A strong validator, for `If-Range`: the rest comes only while it still is the same file.
    pub(super) validator: String,
    /// What the whole answer said of the file; that of a part need not repeat it.
    pub(super) said: Validators,
}

impl Begun {
    /// Of an answer whose rest may be asked for later; `None` when nothing would tell another file's rest from it.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let tag = text(headers, &ETAG);
        let validator = match tag {
            // Weak tags are the same for files that differ somewhat.
            Some(tag) if tag.starts_with('"') => Some(tag),
            Some(_) => None,
            None => text(headers, &LAST_MODIFIED).filter(|changed| {
                let sent = text(headers, &DATE).and_then(|date| seconds(&date));
                seconds(changed).zip(sent).is_some_and(|(changed, sent)| sent.saturating_sub(changed) >= STRONG_AFTER)
            }),
        };
        Some(Self { validator: validator?, said: validators(headers) })
    }

    /// Whether a part is of the same file.
    pub(super) fn is_of(&self, headers: &HeaderMap) -> bool {
        text(headers, &ETAG).is_none_or(|tag| self.said.etag.as_ref() == Some(&tag))
    }
}

/// What an answer says of its file.
pub(super) fn validators(headers: &HeaderMap) -> Validators {
    Validators { etag: text(headers, &ETAG), last_modified: text(headers, &LAST_MODIFIED) }
}

/// Whether a part begins where the one before ended, and the size of the whole when it is stated.
pub(super) fn follows(headers: &HeaderMap, so_far: u64) -> Option<Option<u64>> {
    let range = text(headers, &CONTENT_RANGE)?;
    let (range, whole) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let whole: Option<u64> = if whole == "*" { None } else { Some(whole.parse().ok()?) };
    // A part in the middle would leave the end to yet another question.
    let is_rest = first == so_far && last >= first && whole.is_none_or(|whole| Some(whole) == last.checked_add(1));
    is_rest.then_some(whole)
}

/// A header as text, unless it is unreasonably long.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
}

/// A date of HTTP (RFC 9110 §5.6.7) in seconds since 1970.
pub(super) fn seconds(date: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect()
    }

    #[rstest::rstest]
    #[case(&[("etag", "\"a\"")], Some("\"a\""))]
    #[case(&[("etag", "W/\"a\"")], None)]
    #[case(&[("etag", "W/\"a\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"), ("date", "Sun, 06 Nov 1994 09:49:37 GMT")], None)]
    #[case(&[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"), ("date", "Sun, 06 Nov 1994 08:49:38 GMT")], Some("Sun, 06 Nov 1994 08:49:37 GMT"))]
    #[case(&[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")], None)]
    #[case(&[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], None)]
    #[case(&[("last-modified", "yesterday"), ("date", "today")], None)]
    #[case(&[], None)]
    fn only_what_is_strong_tells_a_file(#[case] lines: &[(&'static str, &'static str)], #[case] expected: Option<&str>) {
        assert_eq!(Begun::of(&headers(lines)).map(|begun| begun.validator).as_deref(), expected);
    }

    #[test]
    fn another_tag_is_another_file() {
        let begun = Begun::of(&headers(&[("etag", "\"a\"")])).expect("strong");
        assert!(begun.is_of(&headers(&[("etag", "\"a\"")])) && begun.is_of(&headers(&[])));
        assert!(!begun.is_of(&headers(&[("etag", "\"b\"")])));
    }

    #[rstest::rstest]
    #[case("bytes 5-9/10", Some(Some(10)))]
    #[case("bytes 5-9/*", Some(None))]
    #[case("bytes 5-8/10", None)]
    #[case("bytes 4-9/10", None)]
    #[case("bytes 6-9/10", None)]
    #[case("bytes 5-4/5", None)]
    #[case("bytes */10", None)]
    #[case("bytes 5-18446744073709551615/10", None)]
    #[case("lines 5-9/10", None)]
    #[case("bytes 5-9", None)]
    fn only_the_rest_is_taken(#[case] range: &'static str, #[case] expected: Option<Option<u64>>) {
        assert_eq!(follows(&headers(&[("content-range", range)]), 5), expected);
    }
}
