//! From text to [`Expr`]: a lexer that knows what may stand at a place, and a parser by recursive descent.
//!
//! Nothing is tried twice: one look at the next word or character decides, so time grows with the length of
//! the text, and the first thing that cannot be is the one that is reported. The stack is bounded by
//! [`MAX_DEPTH`].
//!
//! To add a form: teach `expr` or `term` to read it, [`crate::print()`] to write it, and `fault` what
//! people get wrong about it.

mod expr;
mod fault;
mod lexer;
mod term;

use crate::error::QueryError;
use crate::print::print;
use crate::syntax::{Expr, Place};
use winnow::ModalResult;
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};

pub(crate) use lexer::{is_address, is_bare, is_invisible, is_plain_free_text, is_plain_name, is_plain_value, name_length};

/// Longest text in bytes. What people type has some hundred bytes; what programs generate fits when it is
/// meant as a question. Addresses of pages and links in e-mails carry queries, and most servers refuse
/// addresses of more than 16 KiB.
pub const MAX_TEXT: usize = 16 * 1024;

/// How deep parentheses, nested queries and `not` may be inside each other. Parser, checker and engines call
/// themselves once per level, and 64 levels fit into every thread's stack many times over; nobody can read
/// more than a handful.
pub const MAX_DEPTH: usize = 64;

/// Conditions in one query, those that join others included. Each may cost the engine a pass over the fleet,
/// and 2,000 passes are what one request may cost at most.
pub const MAX_NODES: usize = 2_000;

/// Members of one list. A list is one pass over a field, but every member is looked up in it; a thousand
/// host names from a spreadsheet are a fair question, more belong into a tag.
pub const MAX_LIST: usize = 1_000;

/// Reads a query. The empty text asks for everything.
///
/// # Errors
/// The first thing that cannot be, with its place and what would be right; also when the text exceeds
/// [`MAX_TEXT`], [`MAX_DEPTH`], [`MAX_NODES`] or [`MAX_LIST`].
pub fn parse(text: &str) -> Result<Expr, QueryError> {
    if text.len() > MAX_TEXT {
        return Err(fault::too_long(text));
    }
    let mut input = Input { input: LocatingSlice::new(text), state: State::new(text) };
    let expr = expr::query(&mut input).map_err(|failure| match failure {
        ErrMode::Backtrack(failure) | ErrMode::Cut(failure) => failure.explained(text),
        ErrMode::Incomplete(_) => Failure::default().explained(text),
    })?;
    // The canonical text is what is kept and read again, so what is read must not be refused then. It is
    // longer by written out `and`s and spaces: `a b` becomes `a and b`, never more than three times as long.
    match text.len() > MAX_TEXT / 3 && print(&expr).len() > MAX_TEXT {
        true => Err(fault::too_long_in_full(text)),
        false => Ok(expr),
    }
}

/// What the parsers read from.
type Input<'t> = Stateful<LocatingSlice<&'t str>, State<'t>>;

/// What the parsers give.
type Parsed<T> = ModalResult<T, Failure>;

/// What the parsers know beside the text that is left.
#[derive(Debug, Clone)]
struct State<'t> {
    /// All of the text, for excerpts in messages.
    text: &'t str,
    /// Levels above the place that is read.
    depth: usize,
    /// Conditions so far.
    nodes: usize,
    /// What must close the brackets that are open.
    open: Vec<char>,
    /// Bytes looked at, again and again included: what "linear" is measured by.
    #[cfg(test)]
    read: usize,
}

impl<'t> State<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            depth: 0,
            nodes: 0,
            open: Vec::new(),
            #[cfg(test)]
            read: 0,
        }
    }

    /// Notes that bytes were looked at.
    #[cfg_attr(not(test), expect(clippy::unused_self, clippy::needless_pass_by_ref_mut, reason = "only tests count"))]
    fn looked_at(&mut self, _bytes: usize) {
        #[cfg(test)]
        {
            self.read += _bytes;
        }
    }
}

/// Why reading ended: nothing of the kind stands here, or an error that was already put into words.
#[derive(Debug, Default)]
struct Failure(Option<Box<QueryError>>);

impl Failure {
    fn explained(self, text: &str) -> QueryError {
        self.0.map_or_else(|| fault::unreadable(text), |error| *error)
    }
}

impl<I: Stream> ParserError<I> for Failure {
    type Inner = Self;

    fn from_input(_: &I) -> Self {
        Self(None)
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Where the next character stands.
fn here(input: &Input<'_>) -> usize {
    input.current_token_start()
}

/// From a byte to where reading is now.
fn since(start: usize, input: &Input<'_>) -> Place {
    Place { start, end: here(input) }
}

#[cfg(test)]
mod tests;
