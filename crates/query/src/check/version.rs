//! Versions.
//!
//! A `*` at the end covers a stretch of the order: `3.0*` is everything from the first pre-release of 3.0 up
//! to the first of 3.1, so 3.0, 3.0.15-1 and 3.0~rc1, but not 3.01 or 3.10. It is an interval and no text test:
//! engines keep versions in order, and nobody who writes `3.1*` means 3.10.

use super::flaw::{Flaw, shown};
use super::span::Span;
use crate::syntax::{Literal, Quoting};
use fettle_model::version::DpkgVersion;

/// Reads a version, or a stretch of them.
pub(super) fn read(literal: &Literal) -> Result<Span<DpkgVersion>, Flaw> {
    let text = literal.text.trim();
    match text.strip_suffix('*') {
        Some(prefix) if literal.quoting != Quoting::Exact => stretch(text, prefix),
        _ => parse(text).map(Span::Point),
    }
}

/// A text that begins with a letter is refused although dpkg reads it: it is a name such as `bookworm`, or a
/// number with a word in front, and either would compare in a way nobody means.
fn parse(text: &str) -> Result<DpkgVersion, Flaw> {
    let parsed = DpkgVersion::parse(text).ok().filter(|_| text.starts_with(|first: char| first.is_ascii_digit()));
    parsed.ok_or_else(|| {
        let expected =
            if text.contains('*') { "a version with `*` at its end alone, such as 3.0*" } else { "a version such as 3.0.15 or 3.0*" };
        Flaw::new(format!("{} is no version", shown(text)), expected).suggest(bare_number(text))
    })
}

/// The version in a text such as `v3.0.15` or `version 12`.
fn bare_number(text: &str) -> Option<String> {
    let number = text.trim_start_matches(|first: char| first.is_ascii_alphabetic()).trim_start();
    (number != text && number.starts_with(|first: char| first.is_ascii_digit()) && DpkgVersion::parse(number).is_ok())
        .then(|| number.to_owned())
}

fn stretch(text: &str, prefix: &str) -> Result<Span<DpkgVersion>, Flaw> {
    let prefix = prefix.strip_suffix('.').unwrap_or(prefix);
    let flaw = || Flaw::new(format!("{} cannot be read as the beginning of a version", shown(text)), "digits before the `*`, as in 3.0*");
    let digits = prefix.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, number) = prefix.split_at_checked(prefix.len() - digits).ok_or_else(flaw)?;
    // Two tildes sort before every pre-release, which has one.
    let start = DpkgVersion::parse(&format!("{head}{number}~~")).map_err(|_| flaw())?;
    let end = DpkgVersion::parse(&format!("{head}{}~~", next(number).ok_or_else(flaw)?)).map_err(|_| flaw())?;
    Ok(Span::Stretch(start, end))
}

/// The number after one of any length.
fn next(number: &str) -> Option<String> {
    let kept = number.trim_end_matches('9');
    let nines = number.len() - kept.len();
    let zeros = "0".repeat(nines);
    match kept.as_bytes().split_last() {
        None if nines == 0 => None,
        None => Some(format!("1{zeros}")),
        Some((&last, head)) => Some(format!("{}{}{zeros}", std::str::from_utf8(head).ok()?, char::from(last + 1))),
    }
}
