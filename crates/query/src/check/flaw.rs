//! What is wrong with a value, before anybody says where it stands.

use crate::error::QueryError;
use crate::syntax::Place;

/// What is wrong, what would be right, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    message: String,
    expected: String,
    suggestion: Option<String>,
}

impl Flaw {
    pub(super) fn new(message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { message: message.into(), expected: expected.into(), suggestion: None }
    }

    /// With a text to put in place of the wrong one.
    pub(super) fn suggest(self, suggestion: impl Into<Option<String>>) -> Self {
        Self { suggestion: suggestion.into(), ..self }
    }

    pub(super) fn at(self, place: Place) -> QueryError {
        QueryError { place, message: self.message, expected: self.expected, suggestion: self.suggestion }
    }
}

/// A value as messages show it: long ones cut, so that an error never repeats kilobytes.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}
