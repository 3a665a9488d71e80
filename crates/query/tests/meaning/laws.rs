//! What holds for every text.

use crate::support::context;
use fettle_query::registry::{Kind, fields, relations};
use fettle_query::{Entity, Field, check, complete, explain};
use proptest::prelude::*;

/// A value for a field that is usually right.
fn value(field: &'static Field) -> BoxedStrategy<String> {
    let some = |values: &[&str]| proptest::sample::select(values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>()).boxed();
    match field.kind {
        Kind::Text => some(&["web", "web*", "\"web server\"", "`Web`", "[a, \"b c\"]", "3.0", "x"]),
        Kind::Number => some(&["0", "10", "7.5", "[1 .. 5]", "(1 .. *)", "[1, 2]", "-1"]),
        Kind::Size => some(&["10MB", "2GiB", "[1kB .. 2KiB]", "0"]),
        Kind::Moment => some(&["2026-11-10", "today", "today-3d", "[now-3d .. now]", "2026-11-10T08:00Z", "now-1M"]),
        Kind::Version => some(&["3.0.15", "3.0*", "[1 .. 2)", "1:2-3"]),
        Kind::Flag => some(&["yes", "no", "TRUE"]),
        Kind::Choice { members, .. } => some(members),
        Kind::Address => some(&["10.0.0.0/8", "fe80::1", "10.0.0.7"]),
    }
}

fn term(entity: Entity) -> BoxedStrategy<String> {
    let operator = prop_oneof![4 => Just(":"), 1 => Just("="), 1 => Just(">"), 1 => Just("<=")];
    let field = proptest::sample::select(fields(entity).iter().collect::<Vec<_>>()).prop_flat_map(|field| {
        let names: Vec<&str> = std::iter::once(field.name).chain(field.aliases.iter().copied()).collect();
        (proptest::sample::select(names), value(field))
    });
    let compared = (field, operator).prop_map(|((name, value), operator)| format!("{name}{operator}{value}"));
    let presence = (
        proptest::sample::select(fields(entity).iter().collect::<Vec<_>>()),
        proptest::sample::select(vec![" is null", " is not null", ":*"]),
    )
        .prop_map(|(field, test)| format!("{}{test}", field.name));
    prop_oneof![6 => compared, 1 => presence, 1 => Just("free text".to_owned()), 1 => Just("\"a b\"".to_owned())].boxed()
}

/// Queries that are usually right.
fn query(entity: Entity, depth: u32) -> BoxedStrategy<String> {
    if depth == 0 {
        return term(entity);
    }
    let inner = || query(entity, depth - 1);
    let mut nested: Vec<BoxedStrategy<String>> = Vec::new();
    for relation in relations(entity) {
        nested.push(query(relation.to(), depth - 1).prop_map(move |inner| format!("{}:({inner})", relation.name())).boxed());
        nested.push(term(relation.to()).prop_map(move |inner| format!("{}.{inner}", relation.name())).boxed());
    }
    nested.push(inner());
    let related = proptest::strategy::Union::new(nested);
    prop_oneof![
        term(entity),
        related,
        (inner(), inner()).prop_map(|(one, other)| format!("{one} and {other}")),
        (inner(), inner()).prop_map(|(one, other)| format!("({one}) or {other}")),
        (inner(), inner()).prop_map(|(one, other)| format!("{one} {other}")),
        inner().prop_map(|inner| format!("not ({inner})")),
    ]
    .boxed()
}

/// What must hold for a text, whatever it says. Returns whether it was a query.
fn judge(entity: Entity, text: &str) -> Result<bool, TestCaseError> {
    for cursor in (0..=text.len()).step_by(7) {
        let place = complete(entity, text, cursor).place;
        prop_assert!(text.get(place.start..place.end).is_some(), "{text} at {cursor}");
    }
    match check(entity, text, &context()) {
        Ok(checked) => {
            let again = check(entity, checked.canonical(), &context());
            prop_assert_eq!(again.as_ref().ok(), Some(&checked), "{} became {}", text, checked.canonical());
            prop_assert!(!explain(&checked).text.is_empty());
            Ok(true)
        }
        Err(errors) => {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(text.get(error.place.start..error.place.end).is_some(), "{text}: {error:?}");
                prop_assert!(!error.message.is_empty(), "{text}: {error:?}");
            }
            Ok(false)
        }
    }
}

proptest! {
    #[test]
    fn the_canonical_text_means_the_same((entity, text) in proptest::sample::select(Entity::ALL).prop_flat_map(|entity| (Just(entity), query(entity, 3)))) {
        judge(entity, &text)?;
    }

    #[test]
    fn any_text_is_a_query_or_told_why_not(text in "\\PC{0,60}", pieces in proptest::collection::vec(proptest::sample::select(vec![
        "name", "missing", ":", "(", ")", "[", "]", "..", ",", "now-3d", "*", "\"", "`", " and ", " or ", "not ", " is ", "null", "web", ">", "<=",
        "severity", ".", "critical", "1", "10MB", "lastScan", "2026-11-10", "ip", "10.0.*", "\u{301}", "ß", "software", "version",
    ]), 0..25)) {
        for entity in [Entity::Asset, Entity::Patch, Entity::Result] {
            judge(entity, &text)?;
            judge(entity, &pieces.concat())?;
        }
    }
}

/// The generator above is worth something only while most of what it makes is right.
#[test]
fn most_generated_queries_are_right() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let made: Vec<String> =
        (0..200).filter_map(|_| query(Entity::Asset, 2).new_tree(&mut runner).ok()).map(|tree| tree.current()).collect();
    let right = made.iter().filter(|text| check(Entity::Asset, text, &context()).is_ok()).count();
    assert!(right > 80, "{right} of {}", made.len());
}
