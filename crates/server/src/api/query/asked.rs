//! Queries in requests: read, checked, and refused with places a client can mark.

use crate::api::problem::{FieldError, Problem};
use axum::http::StatusCode;
use fettle_query::{Checked, Context, Entity, Node, QueryError, check, render};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

/// A query as a parameter; empty asks for everything. Its length is bounded by the language itself, which
/// says so in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryText(String);

impl QueryText {
    /// The text, without space around it.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.trim()
    }

    /// The text as it came, for places within it.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for QueryText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// What queries are checked with. Days begin at midnight UTC, for everybody alike, so that one link shows
/// everybody the same list.
pub(crate) fn context(now: Timestamp) -> Context {
    Context { now, zone: TimeZone::UTC }
}

/// Queries of one request, checked together so that all that is wrong is told at once.
pub(crate) struct Checks {
    context: Context,
    errors: Vec<FieldError>,
    rendered: Vec<String>,
}

impl Checks {
    /// None yet; `now` is what relative dates go by.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { context: context(now), errors: Vec::new(), rendered: Vec::new() }
    }

    /// Checks the query in `field`. What is given back may be run only after [`Checks::done`].
    pub(crate) fn check(&mut self, entity: Entity, field: &str, text: &str) -> Unproven {
        Unproven(check(entity, text, &self.context).unwrap_or_else(|errors| {
            self.rendered.extend(errors.iter().map(|error| render(error, text)));
            self.errors.extend(errors.into_iter().map(|error| refused(field, text, error)));
            Checked::everything(entity)
        }))
    }

    /// Refuses the request when a query was wrong.
    pub(crate) fn done(self) -> Result<Proof, Problem> {
        if self.errors.is_empty() {
            return Ok(Proof(()));
        }
        let detail = "Mend the query: errors says where it is wrong and what would be right.";
        let problem = Problem::new(StatusCode::BAD_REQUEST, "bad-query", "The query cannot be understood.", detail);
        Err(problem.with_rendered(self.rendered.join("\n")).with_errors(self.errors))
    }
}

/// A query that may have been refused.
pub(crate) struct Unproven(Checked);

/// All queries of the request are right.
#[derive(Clone, Copy)]
pub(crate) struct Proof(());

impl Unproven {
    /// The query.
    pub(crate) fn proven(self, _: Proof) -> Checked {
        self.0
    }
}

/// Checks the one query of a request.
pub(crate) fn checked(now: Timestamp, entity: Entity, field: &str, text: &str) -> Result<Checked, Problem> {
    let mut checks = Checks::new(now);
    let query = checks.check(entity, field, text);
    Ok(query.proven(checks.done()?))
}

/// Checks a query that the program itself wrote; an error in it is a fault of the program.
pub(crate) fn internal(now: Timestamp, entity: Entity, text: &str) -> Result<Checked, Problem> {
    check(entity, text, &context(now)).map_err(|errors| match errors.first() {
        Some(error) => Problem::internal(error),
        None => Problem::opaque(),
    })
}

/// Whether a query says nothing.
pub(crate) fn is_everything(query: &Checked) -> bool {
    *query.root() == Node::Everything
}

/// An error as the API shows it.
pub(crate) fn refused(field: &str, text: &str, error: QueryError) -> FieldError {
    FieldError {
        from: Some(units(text, error.place.start)),
        to: Some(units(text, error.place.end)),
        expected: Some(error.expected).filter(|expected| !expected.is_empty()),
        suggestion: error.suggestion,
        ..FieldError::new(field, error.message)
    }
}

/// A place in bytes as browsers count it: in UTF-16 code units.
pub(crate) fn units(text: &str, at: usize) -> u32 {
    let before = (0..=at.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// A place in UTF-16 code units as a place in bytes, on a character's boundary.
pub(crate) fn bytes(text: &str, at: u32) -> usize {
    let mut left = at;
    for (place, letter) in text.char_indices() {
        let width = u32::try_from(letter.len_utf16()).unwrap_or(1);
        if left < width {
            return place;
        }
        left -= width;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_as_browsers_do_and_back() {
        let text = "a\u{e4}\u{1f600}b";
        for (place, at) in [(0, 0), (1, 1), (3, 2), (7, 4), (8, 5)] {
            assert_eq!(units(text, place), at);
            assert_eq!(bytes(text, at), place);
        }
        assert_eq!(bytes(text, 3), 3, "within a pair it is the letter's beginning");
        assert_eq!((bytes(text, 99), units(text, 99)), (8, 5));
    }
}
