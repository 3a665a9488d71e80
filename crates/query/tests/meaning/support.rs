//! What the tests share: a context whose time stands still, and queries that must be right.

use fettle_query::{Checked, Context, Entity, Node, QueryError, Test, check};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A Wednesday, in winter time of Berlin, one hour ahead of UTC.
pub(crate) const NOW: &str = "2026-11-11T09:30:00Z";

pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

pub(crate) fn context() -> Context {
    Context { now: moment(NOW), zone: TimeZone::get("Europe/Berlin").expect("zones are bundled") }
}

pub(crate) fn checked(entity: Entity, text: &str) -> Checked {
    check(entity, text, &context()).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

pub(crate) fn asset(text: &str) -> Checked {
    checked(Entity::Asset, text)
}

pub(crate) fn errors(entity: Entity, text: &str) -> Vec<QueryError> {
    check(entity, text, &context()).err().unwrap_or_else(|| panic!("{text} is accepted"))
}

/// What is asked of the only field in a query.
pub(crate) fn test_of(entity: Entity, text: &str) -> Test {
    match checked(entity, text).root() {
        Node::Value { test, .. } => test.clone(),
        other => panic!("{text}: {other:?}"),
    }
}
