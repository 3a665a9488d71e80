//! One test on one column.

use super::sql::Condition;
use super::{Column, Narrowed};
use fettle_query::registry::Kind;
use fettle_query::text::{TextMatch, Word};
use fettle_query::{Between, Test};
use jiff::Timestamp;
use std::ops::Bound;

/// The condition that a test passes, or does not when `negated`.
pub(super) fn narrow(column: Column, kind: Kind, test: &Test, negated: bool) -> Narrowed {
    match (column, kind) {
        (Column::Choice(name), Kind::Choice { members, .. }) => {
            let listed = |words: &[&'static str]| is_one_of(name, words);
            choice(test, members.len(), negated).map_or(Narrowed::ANYTHING, |passing| among(&passing, members, listed))
        }
        (Column::OneWith(exists), Kind::Choice { members, .. }) => {
            let some = |words: &[&'static str]| {
                let each = words.iter().map(|word| Condition::default().sql(exists(word))).collect();
                Condition::joined(each, " OR ").map_or(Narrowed::NOTHING, Narrowed::exactly)
            };
            choice(test, members.len(), negated).map_or(Narrowed::ANYTHING, |passing| among(&passing, members, some).possible())
        }
        (Column::OnlyWhere(there), _) => only_where(there, test, negated),
        (Column::Plain(name), _) if negated => plain(name, test).negated(),
        (Column::Plain(name), _) => plain(name, test),
        _ => one(column, test, negated),
    }
}

/// Tests of columns that are neither choices nor plain text.
fn one(column: Column, test: &Test, negated: bool) -> Narrowed {
    let sql = |sql: String| Condition::default().sql(sql);
    let decided = match (column, test) {
        (_, Test::OneOf(tests)) => {
            let parts = tests.iter().map(|test| one(column, test, negated)).collect();
            return if negated { Narrowed::all(parts) } else { Narrowed::any(parts) };
        }
        (Column::Moment(name), Test::Moment(between)) => moment(name, between),
        (Column::Moment(name), Test::Null) => sql(format!("{name} IS NULL")),
        (Column::Moment(name), Test::Present) => sql(format!("{name} IS NOT NULL")),
        (Column::Flag(name), Test::Flag(yes)) => sql(format!("{name} = {}", u8::from(*yes))),
        (Column::Elsewhere { before, moment: name, after }, Test::Moment(between)) if !negated => {
            return Narrowed::at_most(sql(before.to_owned()).and_then(moment(name, between)).sql(after));
        }
        (Column::Elsewhere { before, moment: name, after }, Test::Present) if !negated => {
            return Narrowed::at_most(sql(format!("{before}{name} IS NOT NULL{after}")));
        }
        _ => return Narrowed::ANYTHING,
    };
    if negated { Narrowed::exactly(decided).negated() } else { Narrowed::exactly(decided) }
}

/// Every test needs a value but the one that there is none; negated it is the other way round.
fn only_where(there: &str, test: &Test, negated: bool) -> Narrowed {
    let needs_a_value = if negated { *test == Test::Null } else { !takes_none(test) };
    if needs_a_value { Narrowed::at_most(Condition::default().sql(there)) } else { Narrowed::ANYTHING }
}

fn takes_none(test: &Test) -> bool {
    match test {
        Test::OneOf(tests) => tests.iter().any(takes_none),
        test => *test == Test::Null,
    }
}

/// A list of texts that a column is compared with.
fn is_one_of(name: &str, texts: &[&str]) -> Narrowed {
    if texts.is_empty() {
        return Narrowed::NOTHING;
    }
    let list = texts.iter().enumerate().fold(Condition::default().sql(format!("{name} IN (")), |list, (number, text)| {
        let list = if number == 0 { list } else { list.sql(", ") };
        list.text(*text)
    });
    Narrowed::exactly(list.sql(")"))
}

/// The condition for the choices that pass, unless none or all of them do.
fn among(passing: &[usize], members: &[&'static str], condition: impl FnOnce(&[&'static str]) -> Narrowed) -> Narrowed {
    match passing.len() {
        0 => Narrowed::NOTHING,
        count if count == members.len() => Narrowed::EVERYTHING,
        _ => condition(&passing.iter().filter_map(|&place| members.get(place).copied()).collect::<Vec<_>>()),
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
fn moment(name: &str, between: &Between<Timestamp>) -> Condition {
    let condition = Condition::default().sql(format!("({name} IS NOT NULL"));
    let condition = match between.low {
        Bound::Included(low) => condition.sql(format!(" AND {name} >= ")).int(next_micro(low)),
        Bound::Excluded(low) => condition.sql(format!(" AND {name} > ")).int(last_micro(low)),
        Bound::Unbounded => condition,
    };
    let condition = match between.high {
        Bound::Included(high) => condition.sql(format!(" AND {name} <= ")).int(last_micro(high)),
        Bound::Excluded(high) => condition.sql(format!(" AND {name} < ")).int(next_micro(high)),
        Bound::Unbounded => condition,
    };
    condition.sql(")")
}

/// The last whole microsecond not after a moment.
fn last_micro(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond().div_euclid(1_000)).unwrap_or(i64::MAX)
}

/// The first whole microsecond not before a moment.
fn next_micro(at: Timestamp) -> i64 {
    i64::try_from((at.as_nanosecond() + 999).div_euclid(1_000)).unwrap_or(i64::MAX)
}

fn plain(name: &str, test: &Test) -> Narrowed {
    match test {
        Test::Null => Narrowed::NOTHING,
        Test::Present => Narrowed::EVERYTHING,
        Test::Text(text) => plain_text(name, text),
        Test::OneOf(tests) => {
            let exact: Option<Vec<&str>> = tests.iter().map(exact_text).collect();
            match exact {
                Some(texts) => is_one_of(name, &texts.into_iter().filter(|text| is_plain(text)).collect::<Vec<_>>()),
                None => Narrowed::any(tests.iter().map(|test| plain(name, test)).collect()),
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

fn plain_text(name: &str, text: &TextMatch) -> Narrowed {
    match text {
        TextMatch::Exact(text) if is_plain(text) => is_one_of(name, &[text]),
        TextMatch::Exact(_) => Narrowed::NOTHING,
        TextMatch::Words(words) | TextMatch::Phrase(words) => {
            Narrowed::all(words.iter().map(|word| contains(name, word)).collect()).possible()
        }
    }
}

/// A word that matches stands somewhere in the value, and so does its longest part.
fn contains(name: &str, word: &Word) -> Narrowed {
    let Some(part) = word.parts.iter().max_by_key(|part| part.len()).filter(|part| !part.is_empty()) else { return Narrowed::ANYTHING };
    if !is_plain(part) {
        return Narrowed::NOTHING;
    }
    let escaped = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Narrowed::at_most(Condition::default().sql(format!("{name} LIKE ")).text(format!("%{escaped}%")).sql(" ESCAPE '\\'"))
}
