//! One test on one column.

use super::{Column, Narrowed};
use crate::engine::Values;
use fettle_query::registry::Kind;
use fettle_query::text::{TextMatch, Word};
use fettle_query::{Between, Test};
use jiff::Timestamp;
use std::ops::Bound;

/// The condition that a test passes, or does not when `negated`.
pub(super) fn narrow(column: Column, kind: Kind, test: &Test, negated: bool, values: &mut Values) -> Narrowed {
    match (column, kind) {
        (Column::Choice(name), Kind::Choice { members, .. }) => {
            choice(test, members.len(), negated).map_or(Narrowed::ANYTHING, |passing| {
                let words = passing.iter().filter_map(|&place| members.get(place));
                among(passing.len(), members.len(), || format!("{name} IN ({})", values.texts(words)))
            })
        }
        (Column::OneWith(exists), Kind::Choice { members, .. }) => {
            choice(test, members.len(), negated).map_or(Narrowed::ANYTHING, |passing| {
                let words = passing.iter().filter_map(|&place| members.get(place));
                among(passing.len(), members.len(), || format!("({})", words.map(|word| exists(word)).collect::<Vec<_>>().join(" OR ")))
                    .possible()
            })
        }
        (Column::Plain(name), _) if !negated => plain(name, test, values),
        (Column::Plain(name), _) => negation(plain(name, test, values)),
        (_, _) => each(test, negated, &mut |test| one(column, test, negated, values)),
    }
}

/// Tests of columns that are neither choices nor plain text, lists taken apart.
fn each(test: &Test, negated: bool, one: &mut dyn FnMut(&Test) -> Narrowed) -> Narrowed {
    match test {
        Test::OneOf(tests) => {
            let parts = tests.iter().map(|test| each(test, negated, one)).collect();
            if negated { Narrowed::all(parts) } else { Narrowed::any(parts) }
        }
        test => one(test),
    }
}

fn one(column: Column, test: &Test, negated: bool, values: &mut Values) -> Narrowed {
    let decided = match (column, test) {
        (Column::Moment(name), Test::Moment(between)) => moment(name, between, values),
        (Column::Moment(name), Test::Null) => format!("{name} IS NULL"),
        (Column::Moment(name), Test::Present) => format!("{name} IS NOT NULL"),
        (Column::Flag(name), Test::Flag(yes)) => format!("{name} = {}", u8::from(*yes)),
        (Column::Elsewhere { before, moment: name, after }, Test::Moment(between)) if !negated => {
            return Narrowed::at_most(format!("{before}{}{after}", moment(name, between, values)));
        }
        (Column::Elsewhere { before, moment: name, after }, Test::Present) if !negated => {
            return Narrowed::at_most(format!("{before}{name} IS NOT NULL{after}"));
        }
        _ => return Narrowed::ANYTHING,
    };
    if negated { Narrowed::exactly(format!("NOT ({decided})")) } else { Narrowed::exactly(decided) }
}

fn negation(positive: Narrowed) -> Narrowed {
    match (positive.is_exact(), positive == Narrowed::NOTHING, positive == Narrowed::EVERYTHING) {
        (false, ..) => Narrowed::ANYTHING,
        (_, true, _) => Narrowed::EVERYTHING,
        (_, _, true) => Narrowed::NOTHING,
        _ => Narrowed::exactly(format!("NOT ({})", positive.into_sql())),
    }
}

/// `sql` unless none or all of the choices are among those that pass.
fn among(passing: usize, all: usize, sql: impl FnOnce() -> String) -> Narrowed {
    match passing {
        0 => Narrowed::NOTHING,
        passing if passing == all => Narrowed::EVERYTHING,
        _ => Narrowed::exactly(sql()),
    }
}

/// The choices that pass, by place; `None` for a test that is not one of choices.
pub(crate) fn choice(test: &Test, count: usize, negated: bool) -> Option<Vec<usize>> {
    let passes = |place: usize| passes(test, place).map(|yes| yes != negated);
    let decided: Option<Vec<bool>> = (0..count).map(passes).collect();
    Some(decided?.into_iter().enumerate().filter_map(|(place, yes)| yes.then_some(place)).collect())
}

fn passes(test: &Test, place: usize) -> Option<bool> {
    match test {
        Test::Null => Some(false),
        Test::Present => Some(true),
        Test::Choice(between) => Some(between.contains(&place)),
        Test::OneOf(tests) => tests.iter().map(|test| passes(test, place)).try_fold(false, |any, yes| Some(any || yes?)),
        _ => None,
    }
}

/// Never null, so that it can be negated.
fn moment(name: &str, between: &Between<Timestamp>, values: &mut Values) -> String {
    let mut parts = vec![format!("{name} IS NOT NULL")];
    match between.low {
        Bound::Included(low) => parts.push(format!("{name} >= {}", values.int(next_micro(low)))),
        Bound::Excluded(low) => parts.push(format!("{name} > {}", values.int(last_micro(low)))),
        Bound::Unbounded => {}
    }
    match between.high {
        Bound::Included(high) => parts.push(format!("{name} <= {}", values.int(last_micro(high)))),
        Bound::Excluded(high) => parts.push(format!("{name} < {}", values.int(next_micro(high)))),
        Bound::Unbounded => {}
    }
    format!("({})", parts.join(" AND "))
}

/// The last whole microsecond not after a moment.
fn last_micro(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond().div_euclid(1_000)).unwrap_or(i64::MAX)
}

/// The first whole microsecond not before a moment.
fn next_micro(at: Timestamp) -> i64 {
    i64::try_from((at.as_nanosecond() + 999).div_euclid(1_000)).unwrap_or(i64::MAX)
}

fn plain(name: &str, test: &Test, values: &mut Values) -> Narrowed {
    match test {
        Test::Null => Narrowed::NOTHING,
        Test::Present => Narrowed::EVERYTHING,
        Test::Text(text) => plain_text(name, text, values),
        Test::OneOf(tests) => {
            let exact: Option<Vec<&str>> = tests.iter().map(exact_text).collect();
            match exact {
                Some(texts) => {
                    let texts: Vec<&str> = texts.into_iter().filter(|text| is_plain(text)).collect();
                    if texts.is_empty() { Narrowed::NOTHING } else { Narrowed::exactly(format!("{name} IN ({})", values.texts(texts))) }
                }
                None => Narrowed::any(tests.iter().map(|test| plain(name, test, values)).collect()),
            }
        }
        _ => Narrowed::ANYTHING,
    }
}

fn exact_text(test: &Test) -> Option<&str> {
    match test {
        Test::Text(TextMatch::Exact(text)) => Some(text),
        _ => None,
    }
}

/// Whether a plain column could hold a text. Others are not sent to the database, which may refuse them: PostgreSQL
/// has no text with a zero byte.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn plain_text(name: &str, text: &TextMatch, values: &mut Values) -> Narrowed {
    match text {
        TextMatch::Exact(text) if is_plain(text) => Narrowed::exactly(format!("{name} = {}", values.text(text))),
        TextMatch::Exact(_) => Narrowed::NOTHING,
        TextMatch::Words(words) | TextMatch::Phrase(words) => {
            Narrowed::all(words.iter().map(|word| contains(name, word, values)).collect()).possible()
        }
    }
}

/// A word that matches stands somewhere in the value, and so does its longest part.
fn contains(name: &str, word: &Word, values: &mut Values) -> Narrowed {
    let Some(part) = word.parts.iter().max_by_key(|part| part.len()).filter(|part| !part.is_empty()) else { return Narrowed::ANYTHING };
    if !is_plain(part) {
        return Narrowed::NOTHING;
    }
    let escaped = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Narrowed::at_most(format!("{name} LIKE {} ESCAPE '\\'", values.text(format!("%{escaped}%"))))
}
