//! Random questions about patches, in the language itself.

use crate::made::{WORDS, now, text};
use fettle_query::registry::{Field, Kind, fields};
use fettle_query::{Checked, Context, Entity, check};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;

/// What a text means.
pub(crate) fn asked(text: &str) -> Checked {
    let context = Context { now: now(), zone: TimeZone::UTC };
    check(Entity::Patch, text, &context).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

/// A question of up to four levels.
pub(crate) fn question() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![8 => (0..fields(Entity::Patch).len()).prop_flat_map(|at| term(&fields(Entity::Patch)[at])), 1 => pattern()];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

fn term(field: &'static Field) -> impl Strategy<Value = String> {
    let name = field.name;
    prop_oneof![
        1 => Just(format!("{name} is null")),
        1 => Just(format!("{name}:*")),
        4 => value(field).prop_map(move |value| format!("{name}:{value}")),
        2 => proptest::collection::vec(value(field), 1..4).prop_map(move |values| format!("{name}:[{}]", values.join(", "))),
        4 => compared(field),
    ]
}

/// A comparison or range where the field has an order, else a plain value.
fn compared(field: &'static Field) -> BoxedStrategy<String> {
    let name = field.name;
    let ordered = match field.kind {
        Kind::Number | Kind::Size | Kind::Moment => true,
        Kind::Choice { ordered, .. } => ordered,
        Kind::Text | Kind::Flag | Kind::Version | Kind::Address => false,
    };
    if ordered {
        let comparison = (select(vec!["<", "<=", ">", ">="]), value(field));
        let compared = comparison.prop_map(move |(sign, value)| format!("{name}{sign}{value}"));
        let instant = (select(vec!["<", "<=", ">", ">="]), select(vec!["now", "now-1d", "now-2d", "now-4d"]));
        match field.kind {
            // Nothing happens at the very instant, so these are not asked for with `:`.
            Kind::Moment => prop_oneof![compared, instant.prop_map(move |(sign, at)| format!("{name}{sign}{at}"))].boxed(),
            _ => compared.boxed(),
        }
    } else {
        value(field).prop_map(move |value| format!("{name}:{value}")).boxed()
    }
}

fn value(field: &'static Field) -> BoxedStrategy<String> {
    let one_of = |values: &[&'static str]| select(values.to_vec()).prop_map(str::to_owned).boxed();
    match field.kind {
        Kind::Text => pattern().boxed(),
        Kind::Number => one_of(&["0", "0.005", "0.5", "1", "2", "4.5", "7", "9.8", "10"]),
        Kind::Size => one_of(&["0", "1", "1MB", "1000000", "4GiB", "5GB"]),
        Kind::Moment => one_of(&["2026-09-20", "2026-09-21", "today", "today-2d"]),
        Kind::Flag => one_of(&["yes", "no"]),
        Kind::Choice { members, .. } => one_of(members),
        // No field of patches.
        Kind::Version | Kind::Address => one_of(&["0"]),
    }
}

/// Words, phrases and exact values that occur, cut short, or with wildcards.
pub(crate) fn pattern() -> impl Strategy<Value = String> {
    let word = (select(WORDS), 0_usize..6, 0_usize..4).prop_map(|(word, cut, wild)| {
        let letters: Vec<char> = word.chars().collect();
        let end = letters.len().saturating_sub(cut).max(1);
        let start: String = letters[..end].iter().collect();
        match wild {
            0 => format!("{start}*"),
            1 => format!("*{start}"),
            2 => format!("{}*{}", letters[0], letters[letters.len() - 1]),
            _ => start,
        }
    });
    prop_oneof![
        4 => word.clone(),
        3 => proptest::collection::vec(word, 1..3).prop_map(|words| format!("\"{}\"", words.join(" "))),
        2 => text().prop_map(|text| format!("`{text}`")),
        1 => select(vec!["CVE-2023-4863", "CVE-2023", "\"2024 4863\"", "`cve-2023-48`", "KB5031356", "5031356", "debian/bookworm"]).prop_map(str::to_owned),
    ]
}
