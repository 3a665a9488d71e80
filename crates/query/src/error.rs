//! What is wrong with a query, where, and what would be right.

use crate::syntax::Place;

/// Why a query was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Where.
    pub place: Place,
    /// What is wrong, in one sentence as it goes on after "error:": "this quote is never closed".
    pub message: String,
    /// What would be right, as it goes on after the word "expected": "a number such as 10"; may be empty.
    pub expected: String,
    /// A text to put at `place` instead ("did you mean"). The empty text means: take it away.
    pub suggestion: Option<String>,
}
