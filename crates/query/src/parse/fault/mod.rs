//! What people get wrong, in words: one function per mistake. See [`value`] for mistakes behind a field's name.

mod value;

pub(super) use value::{
    after_range, bare_range, between_members, empty_nested, keyword_as_value, list_in_parentheses, long_list, no_end, no_member, no_value,
    not_null, operator, several_compared,
};

use super::expr::Before;
use super::lexer::{Keyword, Next, ascii_twin, is_invisible, next};
use super::{Failure, Input, MAX_DEPTH, MAX_NODES, MAX_TEXT, here};
use crate::error::QueryError;
use crate::print::phrase;
use crate::syntax::{Literal, Place};
use winnow::error::ErrMode;
use winnow::stream::Stream;

/// An error that ends reading.
type Fault = ErrMode<Failure>;

/// What a condition looks like, for those who have none.
const CONDITION: &str = "a condition such as name:web or missingCount>0";

/// Longest excerpt of the query in a message, in characters: the marked line shows the rest.
const EXCERPT: usize = 40;

/// Puts an error together.
fn fault(place: Place, message: impl Into<String>, expected: impl Into<String>, suggestion: Option<String>) -> Fault {
    let error = QueryError { place, message: message.into(), expected: expected.into(), suggestion };
    ErrMode::Cut(Failure(Some(Box::new(error))))
}

/// The text of a place.
fn slice<'t>(input: &Input<'t>, place: Place) -> &'t str {
    input.state.text.get(place.start..place.end).unwrap_or_default()
}

/// From a byte to the end of the text, white space at its end left out.
fn to_end(input: &Input<'_>, start: usize) -> Place {
    Place { start, end: input.state.text.trim_end().len().max(start) }
}

/// The beginning of a text, short enough for a message.
fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The next character and where it stands.
fn letter(input: &Input<'_>) -> Option<(char, Place)> {
    let start = here(input);
    input.peek_token().map(|letter| (letter, Place { start, end: start + letter.len_utf8() }))
}

/// The text exceeds [`MAX_TEXT`].
pub(super) fn too_long(text: &str) -> QueryError {
    let start = text.floor_char_boundary(MAX_TEXT);
    QueryError {
        place: Place { start, end: text.len() },
        message: format!("the query has {} bytes; {MAX_TEXT} are read at most", text.len()),
        expected: "a shorter query; long lists of names are better kept as a tag".to_owned(),
        suggestion: None,
    }
}

/// The canonical text exceeds [`MAX_TEXT`].
pub(super) fn too_long_in_full(text: &str) -> QueryError {
    QueryError {
        place: Place { start: 0, end: text.len() },
        message: format!("written out with every `and`, the query has more than {MAX_TEXT} bytes"),
        expected: "a shorter query; many values of one field make a list: name:[web, db]".to_owned(),
        suggestion: None,
    }
}

/// Nothing that was foreseen.
pub(super) fn unreadable(text: &str) -> QueryError {
    QueryError {
        place: Place { start: 0, end: text.len() },
        message: "the query cannot be read".to_owned(),
        expected: CONDITION.to_owned(),
        suggestion: None,
    }
}

/// Deeper than [`MAX_DEPTH`].
pub(super) fn too_deep(place: Place) -> Fault {
    let message = format!("parentheses, nested queries and `not` are inside each other more than {MAX_DEPTH} times");
    fault(place, message, "a flatter query; parentheses around a single condition can go", None)
}

/// More than [`MAX_NODES`].
pub(super) fn too_many(place: Place) -> Fault {
    let expected = "fewer conditions; many values of one field make a list: name:[web, db]";
    fault(place, format!("the query has more than {MAX_NODES} conditions"), expected, None)
}

/// `'web'`, `“web”`: quotes of other languages.
pub(super) fn foreign_quotes(input: &Input<'_>, start: usize, quote: char) -> Fault {
    let inner = start + quote.len_utf8();
    let rest = input.state.text.get(inner..).unwrap_or_default();
    let closing = rest.char_indices().find(|(_, letter)| "'‘’“”„‟«»\"".contains(*letter));
    let (end, suggestion) = match closing {
        Some((length, letter)) if length > 0 => (inner + length + letter.len_utf8(), phrase(&rest[..length])),
        _ => (inner, "\"".to_owned()),
    };
    fault(
        Place { start, end },
        format!("`{quote}` does not quote"),
        "\"…\" for words in order, or `…` for the exact value",
        Some(suggestion),
    )
}

/// A value that begins with one colon.
pub(super) fn stray_colon(place: Place, text: &str) -> Fault {
    fault(place, "a value that begins with `:` needs quotes", "the value in quotes", Some(phrase(text)))
}

/// A keyword where only a value can be.
pub(super) fn reserved(place: Place, keyword: Keyword) -> Fault {
    let word = keyword.text();
    fault(place, format!("`{word}` is a word of the language, no value"), "a value; this word in quotes", Some(phrase(word)))
}

/// A quote without its partner.
pub(super) fn unclosed_quote(input: &Input<'_>, start: usize, quote: char) -> Fault {
    let place = to_end(input, start);
    let text = slice(input, place);
    let backslashes = |text: &str| text.len() - text.trim_end_matches('\\').len();
    let (message, suggestion) = match text.strip_suffix(quote).map(backslashes) {
        _ if text.len() == quote.len_utf8() => ("this quote is never closed".to_owned(), None),
        Some(escapes) if escapes % 2 == 1 => {
            let message = format!("this quote is never closed: the backslash before the last {quote} makes it part of the text");
            (message, Some(format!("{}\\{quote}", &text[..text.len() - quote.len_utf8()])))
        }
        _ => {
            let escape = if backslashes(text) % 2 == 1 { "\\" } else { "" };
            ("this quote is never closed".to_owned(), Some(format!("{text}{escape}{quote}")))
        }
    };
    fault(place, message, format!("{quote} after the text"), suggestion)
}

/// A bracket without its partner.
pub(super) fn unclosed(input: &Input<'_>, open: Place) -> Fault {
    let place = to_end(input, open.start);
    let closing: String = input.state.open.iter().rev().collect();
    let expected = format!("{} at the end", if closing.is_empty() { ")" } else { &closing });
    let suggestion = (place.end > open.end).then(|| format!("{}{closing}", slice(input, place)));
    fault(place, format!("this `{}` is never closed", slice(input, open)), expected, suggestion)
}

/// A value and something else with nothing between them.
pub(super) fn glued(input: &Input<'_>, literal: &Literal, next: char) -> Fault {
    let start = literal.place.start;
    if matches!(next, '(' | '[')
        && let Some(end) = clump(input.state.text, start)
    {
        let place = Place { start, end };
        let text = slice(input, place);
        return fault(place, format!("`{}` needs quotes: it has brackets", excerpt(text)), "the text in quotes", Some(phrase(text)));
    }
    let end = literal.place.end + next.len_utf8();
    let message = format!("`{next}` follows the text before it without a space");
    fault(
        Place { start: literal.place.end, end },
        message,
        "a space, `and` or `or` between them, or quotes around both",
        Some(format!(" {next}")),
    )
}

/// The end of a word with balanced brackets in it; nothing when it has quotes.
fn clump(text: &str, start: usize) -> Option<usize> {
    let mut open = 0_usize;
    for (at, letter) in text.get(start..)?.char_indices() {
        match letter {
            '(' | '[' => open += 1,
            ')' | ']' if open > 0 => open -= 1,
            '"' | '`' => return None,
            ',' if open > 0 => {}
            ')' | ']' | ',' => return Some(start + at),
            _ if letter.is_whitespace() => return Some(start + at),
            _ => {}
        }
    }
    (open == 0).then_some(text.len())
}

/// A word with a sign in front.
pub(super) fn signed(place: Place, text: &str) -> Fault {
    let (sign, word) = text.split_at(1);
    let suggestion = if sign == "-" { format!("not {word}") } else { word.to_owned() };
    let expected = "`not` before what must not be; what must be needs no sign";
    fault(place, format!("`{sign}` before a word has no meaning"), expected, Some(suggestion))
}

/// An operator after something that is no name.
pub(super) fn no_name(input: &Input<'_>, word: Place, operator: Place, text: &str) -> Fault {
    let message = format!("`{}` is no field, so `{}` cannot follow it", excerpt(slice(input, word)), slice(input, operator));
    let quoted = slice(input, word).starts_with(['"', '`']);
    let suggestion = (quoted && super::is_plain_name(text)).then(|| text.to_owned());
    fault(word, message, "the name of a field before the operator and the value behind it", suggestion)
}

/// The end, or `)`, where a condition must be.
pub(super) fn no_condition(input: &mut Input<'_>, before: Before) -> Fault {
    match (before, next(input)) {
        (Before::Keyword(keyword, place), _) => fault(place, format!("nothing follows `{}`", keyword.text()), CONDITION, None),
        (Before::Open(open), Next::Close) => {
            let place = Place { start: open.start, end: here(input) + 1 };
            fault(place, "these parentheses are empty", CONDITION, None)
        }
        (Before::Open(open), _) => fault(open, "nothing follows this `(`", format!("{CONDITION}, and `)`"), None),
        (Before::Nothing, _) => stray(input),
    }
}

/// A keyword where a condition must be.
pub(super) fn keyword_instead(input: &mut Input<'_>, before: Before, found: Keyword) -> Fault {
    let start = here(input);
    let place = Place { start, end: start + found.text().len() };
    let word = found.text();
    let field_before = |until: usize| input.state.text[..until].trim_end().ends_with(char::is_alphanumeric);
    match (found, before) {
        (Keyword::Null, Before::Keyword(Keyword::Not, not)) if field_before(not.start) => {
            let place = Place { start: not.start, end: place.end };
            fault(place, "`not null` needs `is` before it", "a field, `is`, and `null` or `not null`", Some("is not null".to_owned()))
        }
        (Keyword::Null, Before::Nothing) if field_before(start) => {
            fault(place, "`null` needs `is` before it", "a field, `is`, and `null` or `not null`", Some("is null".to_owned()))
        }
        (Keyword::Is | Keyword::Null, _) => {
            let expected = "a field before it, as in lastScan is null; the word itself in quotes";
            let suggestion = (found == Keyword::Null).then(|| phrase(word));
            fault(place, format!("`{word}` follows no field"), expected, suggestion)
        }
        (_, Before::Keyword(keyword, first)) => {
            let place = Place { start: first.start, end: place.end };
            let suggestion = (keyword == found).then(|| word.to_owned());
            fault(place, format!("`{}` is followed by `{word}`", keyword.text()), "a condition between them, or one of the two", suggestion)
        }
        (_, Before::Nothing | Before::Open(_)) => fault(place, format!("nothing stands before `{word}`"), CONDITION, None),
    }
}

/// A character that cannot be where it is.
pub(super) fn stray(input: &Input<'_>) -> Fault {
    let Some((found, place)) = letter(input) else {
        return fault(to_end(input, here(input)), "the query ends here", CONDITION, None);
    };
    let rest = &input.state.text[place.start..];
    let quoted = "quotes around it where it is part of a text";
    match found {
        ')' | ']' | '}' => fault(place, format!("this `{found}` closes nothing"), "an opening one before it, or none", Some(String::new())),
        '[' | '{' => fault(place, format!("no field stands before this `{found}`"), "a field before a list, as in name:[web, db]", None),
        ',' => fault(place, "`,` joins no conditions", "`and` or `or`; lists are written name:[web, db]", None),
        ';' => fault(place, "`;` joins no conditions", "`and` or `or` between conditions", None),
        '&' => joining(input, place, "and"),
        '|' => joining(input, place, "or"),
        '!' => fault(place, "`!` is written `not`", "`not` before the condition", Some("not ".to_owned())),
        '?' => fault(place, "`?` stands for nothing", "`*` for any characters within a word", Some("*".to_owned())),
        ':' | '=' | '<' | '>' => {
            fault(place, format!("no field stands before this `{found}`"), "a field, an operator, a value: name:web", None)
        }
        '.' if rest.starts_with("..") => stray_dots(Place { start: place.start, end: place.start + 2 }),
        '…' => fault(place, "`…` is one character", "two dots between the ends of a range", Some("..".to_owned())),
        '“' | '”' | '„' | '‟' | '«' | '»' => foreign_quotes(input, place.start, found),
        _ => match ascii_twin(found) {
            Some(narrow) => fault(place, format!("`{found}` is the wide form of `{narrow}`"), "the narrow form", Some(narrow.to_string())),
            None if is_invisible(found) => {
                let message = format!("an invisible character stands here (U+{:04X})", u32::from(found));
                fault(place, message, "no such character outside quotes", Some(String::new()))
            }
            None => fault(place, format!("`{found}` has no meaning here"), quoted, None),
        },
    }
}

/// `..` outside of brackets.
fn stray_dots(place: Place) -> Fault {
    let expected = "a range in brackets, as in size:[1MB .. 2MB]; ends with spaces in them, and other texts with two dots, in quotes";
    fault(place, "`..` does not stand between two values of a range", expected, None)
}

/// `&&`, `||` and the like.
fn joining(input: &Input<'_>, first: Place, word: &str) -> Fault {
    let text = input.state.text;
    let symbol = &text[first.start..first.end];
    let length = text[first.start..].len() - text[first.start..].trim_start_matches(symbol).len();
    let place = Place { start: first.start, end: first.start + length };
    let before = if text[..place.start].ends_with(char::is_whitespace) { "" } else { " " };
    let after = if text[place.end..].starts_with(char::is_whitespace) { "" } else { " " };
    let message = format!("`{}` is written `{word}`", excerpt(slice(input, place)));
    fault(
        place,
        message,
        format!("`{word}` between conditions; quotes around texts with `{symbol}` in them"),
        Some(format!("{before}{word}{after}")),
    )
}
