//! Words, quotes and marks of a text that may be broken anywhere.

use crate::parse::{is_bare, name_length};
use crate::syntax::Place;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A run without quotes: a name, a keyword or a value.
    Word,
    /// A quoted text, perhaps without its end.
    Quote,
    /// `:` or `=`.
    Equal,
    /// `<`, `<=`, `>`, `>=`.
    Order,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenList,
    /// `]`
    CloseList,
    /// `,`
    Comma,
    /// `..`
    To,
}

/// A mark and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) mark: Mark,
    pub(super) place: Place,
}

/// The token that begins first at or after `at`. Characters that mean nothing are skipped. A colon ends a word
/// where a name may stand, and is part of it in a value.
pub(super) fn next(text: &str, mut at: usize, name_may_stand: bool) -> Option<Token> {
    loop {
        let rest = text.get(at..)?;
        let first = rest.chars().next()?;
        if let Some((mark, length)) = mark_of(rest, first, name_may_stand) {
            return Some(Token { mark, place: Place { start: at, end: at + length } });
        }
        at += first.len_utf8();
    }
}

fn mark_of(rest: &str, first: char, name_may_stand: bool) -> Option<(Mark, usize)> {
    let twice = rest.get(1..2);
    match first {
        '"' | '`' => Some((Mark::Quote, quote_length(rest, first))),
        '(' => Some((Mark::Open, 1)),
        ')' => Some((Mark::Close, 1)),
        '[' => Some((Mark::OpenList, 1)),
        ']' => Some((Mark::CloseList, 1)),
        ',' => Some((Mark::Comma, 1)),
        '=' => Some((Mark::Equal, 1)),
        '<' | '>' => Some((Mark::Order, if twice == Some("=") { 2 } else { 1 })),
        '.' if twice == Some(".") => Some((Mark::To, 2)),
        // An address may begin with two colons.
        ':' if name_may_stand || twice != Some(":") => Some((Mark::Equal, 1)),
        _ if is_bare(first) => Some((Mark::Word, word_length(rest, name_may_stand))),
        _ => None,
    }
}

fn word_length(rest: &str, name_may_stand: bool) -> usize {
    let end = rest.char_indices().find(|&(at, letter)| !is_bare(letter) || (letter == '.' && rest.get(at..at + 2) == Some("..")));
    let whole = end.map_or(rest, |(at, _)| rest.get(..at).unwrap_or(rest));
    if !name_may_stand {
        return whole.len();
    }
    whole.char_indices().nth(name_length(whole)).map_or(whole.len(), |(at, _)| at)
}

/// How long a quoted text is, quotes included; a text without its second quote has no end.
fn quote_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether a quoted text has its second quote.
pub(super) fn is_closed(quoted: &str) -> bool {
    let Some(quote) = quoted.chars().next() else { return false };
    quoted.len() > 1 && quoted.ends_with(quote) && quote_length(&format!("{quoted}x"), quote) == quoted.len()
}
