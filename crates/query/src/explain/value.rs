//! What is asked of one value, in words.

use crate::checked::{Between, Test};
use crate::registry::{Field, Kind};
use crate::text::{TextMatch, Word};
use fettle_model::version::DpkgVersion;
use std::ops::Bound;

/// Most members of a list that are shown; the rest is counted.
const MOST_SHOWN: usize = 10;

/// What a value must be: "is more than 10".
pub(super) fn test_of(field: &Field, test: &Test) -> String {
    match test {
        Test::Null => "has no value".to_owned(),
        Test::Present => "has a value".to_owned(),
        Test::OneOf(tests) => listed(tests.iter().map(|test| test_of(field, test)), tests.len()),
        Test::Text(text) => pattern(text),
        Test::Number(between) if field.kind == Kind::Size => {
            interval(between, ["more than", "at least", "less than", "at most"], |bytes| size(*bytes))
        }
        Test::Number(between) => interval(between, ["more than", "at least", "less than", "at most"], f64::to_string),
        Test::Moment(between) => interval(between, ["after", "at or after", "before", "at or before"], ToString::to_string),
        Test::Version(between) => interval(between, ["after", "at least", "before", "at most"], version),
        Test::Flag(wanted) => (if *wanted { "is yes" } else { "is no" }).to_owned(),
        Test::Choice(between) => choice(field.kind, between),
        Test::Address(network) if network.prefix_len() == network.max_prefix_len() => format!("is {}", network.addr()),
        Test::Address(network) => format!("is in {network}"),
    }
}

/// What a text must have.
pub(super) fn pattern(text: &TextMatch) -> String {
    match text {
        TextMatch::Exact(exact) => format!("is exactly “{exact}”"),
        TextMatch::Words(words) => match words.as_slice() {
            [word] => format!("has a word {}", like(word)),
            words => format!("has, in any order, words {}", words.iter().map(like).collect::<Vec<_>>().join(", ")),
        },
        TextMatch::Phrase(words) => match words.as_slice() {
            [word] => format!("has a word {}", like(word)),
            words => {
                let shown: Vec<String> = words.iter().map(Word::to_string).collect();
                format!("has the words “{}” next to each other, the last one perhaps longer", shown.join(" "))
            }
        },
    }
}

fn like(word: &Word) -> String {
    let how = if word.parts.len() > 1 { "like" } else { "that begins with" };
    format!("{how} “{word}”")
}

fn listed(parts: impl Iterator<Item = String>, count: usize) -> String {
    let mut shown: Vec<String> = parts.take(MOST_SHOWN).collect();
    if count > shown.len() {
        shown.push(format!("one of {} more", count - shown.len()));
    }
    shown.join(", or ")
}

/// An interval in words: those for above, from, below and up to a value.
fn interval<T: PartialEq>(between: &Between<T>, words: [&str; 4], show: impl Fn(&T) -> String) -> String {
    let [above, from, below, to] = words;
    if let (Bound::Included(low), Bound::Included(high)) = (&between.low, &between.high)
        && low == high
    {
        return format!("is {}", show(low));
    }
    let low = match &between.low {
        Bound::Included(low) => Some(format!("{from} {}", show(low))),
        Bound::Excluded(low) => Some(format!("{above} {}", show(low))),
        Bound::Unbounded => None,
    };
    let high = match &between.high {
        Bound::Included(high) => Some(format!("{to} {}", show(high))),
        Bound::Excluded(high) => Some(format!("{below} {}", show(high))),
        Bound::Unbounded => None,
    };
    match (low, high) {
        (Some(low), Some(high)) => format!("is {low} and {high}"),
        (Some(one), None) | (None, Some(one)) => format!("is {one}"),
        (None, None) => "has a value".to_owned(),
    }
}

/// The ends of `3.0*` lie before every pre-release, which is written with two tildes.
fn version(version: &DpkgVersion) -> String {
    version.as_str().strip_suffix("~~").map_or_else(|| version.as_str().to_owned(), |start| format!("the first pre-release of {start}"))
}

fn choice(kind: Kind, between: &Between<usize>) -> String {
    let Kind::Choice { members, .. } = kind else { return "has a value".to_owned() };
    let meant: Vec<&str> = members.iter().enumerate().filter(|(place, _)| between.contains(place)).map(|(_, member)| *member).collect();
    match meant.as_slice() {
        [] => "is none of the values there are".to_owned(),
        [one] => format!("is {one}"),
        several => format!("is one of {}", several.join(", ")),
    }
}

/// Bytes with the unit that makes the smallest whole number of them: `2 GB`, `4 GiB`, `1500 bytes`.
fn size(bytes: f64) -> String {
    const UNITS: [(&str, f64); 9] = [
        ("bytes", 1.0),
        ("kB", 1e3),
        ("KiB", 1024.0),
        ("MB", 1e6),
        ("MiB", 1_048_576.0),
        ("GB", 1e9),
        ("GiB", 1_073_741_824.0),
        ("TB", 1e12),
        ("TiB", 1_099_511_627_776.0),
    ];
    let fitting = UNITS.iter().filter(|(_, unit)| bytes >= *unit && bytes % unit == 0.0);
    let (name, unit) = fitting.max_by(|(_, one), (_, other)| one.total_cmp(other)).copied().unwrap_or(("bytes", 1.0));
    format!("{} {name}", bytes / unit)
}
