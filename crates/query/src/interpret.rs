//! What a query means, one record at a time: plain and slow, the measure for every engine.

use crate::checked::{Between, Checked, Node, Test};
use crate::record::{Record, Value};
use crate::registry::{Entity, Evidence, Field, Kind, Relation, fields};
use crate::text::TextMatch;
use crate::truth::Truth;
use std::ops::Bound;

/// Whether a record satisfies a query.
///
/// Facts are two-valued: a test on a field without a value does not hold, so `not disk.free<2GB` holds for a
/// machine without a disk; only `is null` holds there. Findings are three-valued: on a record whose evidence is
/// missing or old ([`Record::is_known`]) what was found stays found, and what was not found is unknown.
#[must_use]
pub fn interpret(query: &Checked, record: &dyn Record) -> Truth {
    holds(query.root(), query.entity(), record)
}

fn holds(node: &Node, entity: Entity, record: &dyn Record) -> Truth {
    match node {
        Node::Everything => Truth::Yes,
        Node::And(parts) => parts.iter().fold(Truth::Yes, |so_far, part| so_far.and(holds(part, entity, record))),
        Node::Or(parts) => parts.iter().fold(Truth::No, |so_far, part| so_far.or(holds(part, entity, record))),
        Node::Not(part) => !holds(part, entity, record),
        Node::Free(text) => free(text, entity, record).into(),
        Node::Value { field, test } => value(field, test, record),
        Node::Related { relation, inner } => related(*relation, inner, record),
    }
}

fn free(text: &TextMatch, entity: Entity, record: &dyn Record) -> bool {
    fields(entity)
        .iter()
        .filter(|field| field.main && field.kind == Kind::Text)
        .any(|field| record.values(field.key).iter().any(|value| matches!(value, Value::Text(value) if text.matches(value))))
}

fn value(field: &Field, test: &Test, record: &dyn Record) -> Truth {
    let certain = field.evidence == Evidence::Fact || record.is_known();
    match (test, field.evidence) {
        (Test::OneOf(tests), _) => tests.iter().fold(Truth::No, |so_far, test| so_far.or(value(field, test, record))),
        (Test::Null, _) if certain => record.values(field.key).is_empty().into(),
        (Test::Present, _) if certain => (!record.values(field.key).is_empty()).into(),
        // What is made of findings always has a value, even if nobody knows which.
        (Test::Null, _) => Truth::No,
        (Test::Present, _) => Truth::Yes,
        (_, Evidence::Share) if !certain => Truth::Unknown,
        (_, Evidence::AtLeast) if !certain => record.values(field.key).first().map_or(Truth::Unknown, |value| at_least(test, value)),
        _ => record.values(field.key).iter().any(|value| passes(test, value)).into(),
    }
}

fn related(relation: Relation, inner: &Node, record: &dyn Record) -> Truth {
    if let Some(truth) = record.answers(relation, inner) {
        return truth;
    }
    let found = record.related(relation).into_iter().fold(Truth::No, |so_far, other| so_far.or(holds(inner, relation.to(), other)));
    match relation.evidence() {
        Evidence::AtLeast | Evidence::Share if !record.is_known() => found.or(Truth::Unknown),
        _ => found,
    }
}

/// Whether a number passes of which only a lower bound is known.
fn at_least(test: &Test, value: &Value<'_>) -> Truth {
    let (Test::Number(between), Value::Number(number)) = (test, value) else { return Truth::Unknown };
    if between.high == Bound::Unbounded && between.contains(number) {
        Truth::Yes
    } else if above(between, *number) {
        Truth::No
    } else {
        Truth::Unknown
    }
}

fn above(between: &Between<f64>, number: f64) -> bool {
    match between.high {
        Bound::Included(high) => number > high,
        Bound::Excluded(high) => number >= high,
        Bound::Unbounded => false,
    }
}

/// Whether one value passes. A value of another type than the test's does not.
fn passes(test: &Test, value: &Value<'_>) -> bool {
    match (test, value) {
        (Test::Present, _) => true,
        (Test::OneOf(tests), value) => tests.iter().any(|test| passes(test, value)),
        (Test::Text(text), Value::Text(value)) => text.matches(value),
        (Test::Number(between), Value::Number(value)) => between.contains(value),
        (Test::Moment(between), Value::Moment(value)) => between.contains(value),
        (Test::Version(between), Value::Version(value)) => between.contains(value),
        (Test::Flag(wanted), Value::Flag(value)) => wanted == value,
        (Test::Choice(between), Value::Choice(value)) => between.contains(value),
        (Test::Address(network), Value::Address(value)) => network.contains(&value.to_canonical()),
        _ => false,
    }
}
