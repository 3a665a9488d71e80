//! Random queries over an entity's fields, with values that some records have.

use fettle_query::Entity;
use fettle_query::registry::{Field, Kind, fields};
use proptest::prelude::*;

/// Words that records are made of, and some that none has.
const WORDS: [&str; 16] = [
    "monthly",
    "Éclair",
    "eclair",
    "alpha",
    "BETA",
    "web*",
    "*",
    "10.0.0.1",
    "user.create",
    "user",
    "job",
    "p1",
    "disk",
    "nothing",
    "100%",
    "a_b",
];

/// Texts that databases take in their own ways.
const ODD: [&str; 6] = ["100%", "a_b\\", "\u{0}", "\u{212a}elvin", "straße", "'; --"];

/// Moments around those of the records.
const MOMENTS: [&str; 8] =
    ["now", "now-1h", "now-2d", "2026-03-01", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.0000005Z", "2026-03-01T12:10:00Z", "2026-03-02"];

fn of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(texts).prop_map(str::to_owned).boxed()
}

fn text(known: Vec<String>) -> BoxedStrategy<String> {
    let word = prop_oneof![4 => of(&WORDS), 1 => prop::sample::select(known.clone())];
    let exact = prop_oneof![2 => prop::sample::select(known), 1 => of(&WORDS), 1 => of(&ODD)];
    prop_oneof![
        word.clone().prop_map(|word| format!("\"{word}\"")),
        (word.clone(), word).prop_map(|(one, two)| format!("\"{one} {two}\"")),
        exact.prop_map(|text| format!("`{text}`")),
    ]
    .boxed()
}

fn values(kind: Kind, known: Vec<String>) -> BoxedStrategy<String> {
    match kind {
        Kind::Choice { members, .. } => of(members),
        Kind::Moment => of(&MOMENTS),
        Kind::Flag => of(&["yes", "no"]),
        Kind::Number | Kind::Size => of(&["0", "1", "2", "50", "100"]),
        Kind::Version => of(&["1.0", "12"]),
        Kind::Address => of(&["10.0.0.0/8"]),
        Kind::Text => text(known),
    }
}

fn term(field: &'static Field, known: &[String]) -> BoxedStrategy<String> {
    let value = || values(field.kind, known.to_vec());
    let list = prop::collection::vec(value(), 1..4).prop_map(|values| format!(":[{}]", values.join(", ")));
    let known_or_not = of(&[" is null", " is not null", ":*"]);
    let test = match field.kind {
        Kind::Moment | Kind::Number | Kind::Size | Kind::Version => {
            let compared = (of(&["<", "<=", ">", ">=", ":"]), value()).prop_map(|(sign, value)| format!("{sign}{value}"));
            let range = (of(&["[", "("]), value(), value(), of(&["]", ")"]));
            let range = range.prop_map(|(open, low, high, close)| format!(":{open}{low} .. {high}{close}"));
            prop_oneof![4 => compared, 2 => range, 1 => list, 1 => known_or_not].boxed()
        }
        _ => prop_oneof![4 => value().prop_map(|value| format!(":{value}")), 2 => list, 1 => known_or_not].boxed(),
    };
    test.prop_map(move |test| format!("{}{test}", field.name)).boxed()
}

/// Terms over an entity: its own fields, its relations, and free text. `known` are texts that records have.
fn terms(entity: Entity, known: &[String]) -> BoxedStrategy<String> {
    let own: Vec<_> = fields(entity).iter().map(|field| term(field, known)).collect();
    let own = prop::strategy::Union::new(own);
    let free = text(known.to_vec());
    if entity != Entity::Result {
        return prop_oneof![8 => own, 1 => free].boxed();
    }
    let asset = prop::sample::select(known.to_vec()).prop_map(|text| format!("asset.agent.id:`{text}`"));
    let related = of(&[
        "asset.name:alpha",
        "asset:(online:yes and name:beta)",
        "asset.missingCount>0",
        "asset.missingCount<5",
        "patch.title:p1",
        "patch:(kev:yes or title:p2)",
        "asset is null",
        "patch is not null",
    ]);
    prop_oneof![8 => own, 1 => free, 2 => asset, 2 => related].boxed()
}

/// Queries over an entity.
pub(crate) fn queries(entity: Entity, known: &[String]) -> BoxedStrategy<String> {
    let leaf = terms(entity, known);
    let tree = leaf.prop_recursive(4, 12, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts.clone().prop_map(|parts| format!("({})", parts.join(" and "))),
            parts.prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    });
    prop_oneof![20 => tree, 1 => Just(String::new())].boxed()
}
