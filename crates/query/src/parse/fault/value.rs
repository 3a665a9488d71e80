//! Mistakes behind the name of a field: operators, values, ranges, lists.

use super::{Fault, excerpt, fault, foreign_quotes, letter, phrase, slice, stray};
use crate::parse::lexer::{Keyword, Next, bare, literal, next, space};
use crate::parse::{Input, MAX_LIST, here};
use crate::syntax::{Literal, Name, Place};
use winnow::Parser;
use winnow::combinator::{opt, peek};
use winnow::stream::Stream;

/// What a field may be compared with.
const VALUE: &str = "a value such as web or \"web server\", a list [A, B] or a range [a .. b]";

/// From the name of a field to a byte.
fn from_name(name: &Name, end: usize) -> Place {
    Place { start: name.place.start, end }
}

/// An operator of another language, or two of them.
pub(in crate::parse) fn operator(name: &Name, operator: &str, at: Place) -> Fault {
    let plain: String = operator.split_whitespace().collect();
    let has = |symbol: char| plain.contains(symbol);
    if has('!') || (has('<') && has('>')) {
        let message = format!("`{}` is written with `not`", excerpt(operator));
        return fault(from_name(name, at.end), message, "`not` before the field", Some(format!("not {}:", name.text)));
    }
    let right = match (has('<'), has('>'), has('=')) {
        (true, _, true) => "<=",
        (true, _, false) => "<",
        (_, true, true) => ">=",
        (_, true, false) => ">",
        _ if plain.starts_with(':') => ":",
        _ => "=",
    };
    fault(at, format!("`{}` is no operator", excerpt(operator)), "one of : = < <= > >=", Some(right.to_owned()))
}

/// `field>[a, b]`.
pub(in crate::parse) fn several_compared(at: Place, bracket: char) -> Fault {
    let what = if bracket == '[' { "a list or range" } else { "what stands in parentheses" };
    fault(at, format!("{what} has no order to compare with"), "`:` before it, or a single value", Some(":".to_owned()))
}

/// Nothing behind an operator.
pub(in crate::parse) fn no_value(input: &Input<'_>, name: &Name, at: Place) -> Fault {
    match input.peek_token() {
        None | Some(')' | ']' | ',') => {
            let place = from_name(name, at.end);
            fault(place, format!("`{}` has no value", excerpt(slice(input, place))), VALUE, None)
        }
        Some('{') => braces(input),
        Some(_) => stray(input),
    }
}

/// `{a, b}`.
fn braces(input: &Input<'_>) -> Fault {
    let start = here(input);
    let expected = "a list in brackets, as in name:[web, db]";
    let rest = input.state.text.get(start + 1..).unwrap_or_default();
    match rest.find('}') {
        Some(length) => {
            let place = Place { start, end: start + length + 2 };
            fault(place, "lists are written in brackets", expected, Some(format!("[{}]", &rest[..length])))
        }
        None => fault(Place { start, end: start + 1 }, "lists are written in brackets", expected, Some("[".to_owned())),
    }
}

/// A keyword behind an operator: the value is missing, or it is the keyword itself and needs quotes.
pub(in crate::parse) fn keyword_as_value(input: &mut Input<'_>, name: &Name, at: Place, keyword: Keyword) -> Fault {
    let start = here(input);
    let place = Place { start, end: start + keyword.text().len() };
    let word = keyword.text();
    if keyword == Keyword::Null {
        let expected = format!("`is null` for a field without value; the word itself as {}", phrase(word));
        return fault(from_name(name, place.end), "`null` is no value", expected, Some(format!("{} is null", name.text)));
    }
    if keyword == Keyword::Not {
        let message = "`not` stands before a field, not before its value";
        let suggestion = format!("not {}{}", name.text, slice(input, at));
        return fault(from_name(name, place.end), message, "`not` before the field", Some(suggestion));
    }
    let ends = (bare, space).parse_next(input).is_ok() && matches!(next(input), Next::End | Next::Close);
    if ends || keyword == Keyword::Is {
        return super::reserved(place, keyword);
    }
    let field = from_name(name, at.end);
    let message = format!("`{}` has no value before `{word}`", excerpt(slice(input, field)));
    fault(field, message, format!("{VALUE}; the word itself as {}", phrase(word)), None)
}

/// `field is something`.
pub(in crate::parse) fn not_null(input: &mut Input<'_>, name: &Name, is: Place, not: Option<Place>) -> Fault {
    let expected = if not.is_some() { "`null` after `is not`" } else { "`null` or `not null` after `is`" };
    let start = here(input);
    let Ok(word) = peek(literal).parse_next(input) else {
        let place = Place { start: is.start, end: not.unwrap_or(is).end };
        let suggestion = matches!(next(input), Next::End | Next::Close).then(|| format!("{} null", slice(input, place)));
        return fault(place, format!("`{}` is not finished", slice(input, place)), expected, suggestion);
    };
    let place = Place { start, end: word.place.end };
    let message = format!("only `null` can follow `is`, not `{}`", excerpt(slice(input, place)));
    let folded = word.text.to_lowercase();
    if strsim::damerau_levenshtein(&folded, "null") <= 2 && word.text.len() <= 6
        || ["nil", "none", "empty", "missing", "unset", "unknown"].contains(&&*folded)
    {
        return fault(place, message, expected, Some("null".to_owned()));
    }
    let before = if not.is_some() { "not " } else { "" };
    let suggestion = format!("{before}{}:{}", name.text, slice(input, place));
    fault(from_name(name, place.end), message, format!("{expected}; values follow `:`"), Some(suggestion))
}

/// `field:a..b` without brackets.
pub(in crate::parse) fn bare_range(input: &mut Input<'_>, name: &Name, low: &Literal) -> Fault {
    let start = here(input);
    let high = ("..", space, opt(literal)).parse_next(input).ok().and_then(|(_, (), high)| high);
    let end = high.as_ref().map_or(start + "..".len(), |high| high.place.end);
    let high = high.map_or("*", |high| slice(input, high.place));
    let suggestion = format!("{}:[{} .. {high}]", name.text, slice(input, low.place));
    fault(from_name(name, end), "a range needs brackets", "[a .. b] with both ends, (a .. b) without them", Some(suggestion))
}

/// `field:(a, b)`.
pub(in crate::parse) fn list_in_parentheses(input: &Input<'_>) -> Fault {
    let start = here(input);
    let expected = "brackets around a list, as in name:[web, db]";
    let rest = input.state.text.get(start + 1..).unwrap_or_default();
    match rest.find(['(', ')', '"', '`']) {
        Some(length) if rest[length..].starts_with(')') => {
            let place = Place { start, end: start + length + 2 };
            fault(place, "lists are written in brackets", expected, Some(format!("[{}]", &rest[..length])))
        }
        _ => fault(Place { start, end: start + 1 }, "lists are written in brackets", expected, None),
    }
}

/// `field:()`.
pub(in crate::parse) fn empty_nested(name: &Name, open: Place, close: Place) -> Fault {
    let place = Place { start: open.start, end: close.end };
    let expected = format!("a condition between them; {}:* for any", excerpt(&name.text));
    fault(place, "these parentheses are empty", expected, Some("*".to_owned()))
}

/// A range with one end.
pub(in crate::parse) fn no_end(input: &Input<'_>, dots: Place, low: bool) -> Fault {
    match letter(input) {
        Some((found, place)) if !low && "“”„‟«»".contains(found) => foreign_quotes(input, place.start, found),
        _ => {
            let (side, suggestion) = if low { ("before", "* ..") } else { ("after", ".. *") };
            fault(dots, format!("nothing stands {side} `..`"), "a value, or `*` for an open end", Some(suggestion.to_owned()))
        }
    }
}

/// Something else than a bracket after a range.
pub(in crate::parse) fn after_range(input: &Input<'_>, open: Place) -> Fault {
    let place = letter(input).map_or(open, |(_, place)| place);
    let rest = &input.state.text[place.start..];
    let expected = "`]` or `)` after the two ends; an end with spaces in it in quotes";
    if rest.starts_with("..") {
        let place = Place { start: place.start, end: place.start + 2 };
        return fault(place, "a range has two ends", expected, None);
    }
    fault(place, format!("`{}` follows the end of a range", slice(input, place)), expected, None)
}

/// No value where a list must have one.
pub(in crate::parse) fn no_member(input: &mut Input<'_>, name: &Name, open: Place, comma: Option<Place>) -> Fault {
    let Some((found, place)) = letter(input) else { return super::unclosed(input, open) };
    let expected = "values with `,` between them, as in name:[web, db]";
    match (found, comma) {
        (']', None) => {
            let place = Place { start: open.start, end: place.end };
            fault(place, "this list is empty", format!("at least one value; {}:* for any", excerpt(&name.text)), None)
        }
        (']', Some(comma)) => fault(comma, "nothing follows this `,`", expected, Some(String::new())),
        (',', Some(_)) => fault(place, "two `,` follow each other", expected, Some(String::new())),
        (',', None) => fault(place, "nothing stands before this `,`", expected, Some(String::new())),
        ('[' | '(' | '{', _) => {
            fault(place, "a list holds values, no brackets", format!("{expected}; texts with brackets in quotes"), None)
        }
        _ => stray(input),
    }
}

/// Neither `,` nor `]` after a value in brackets.
pub(in crate::parse) fn between_members(input: &mut Input<'_>, open: Place, members: usize) -> Fault {
    let Some((found, place)) = letter(input) else { return super::unclosed(input, open) };
    let rest = &input.state.text[place.start..];
    if rest.starts_with("..") {
        let place = Place { start: place.start, end: place.start + 2 };
        return fault(place, "a range has two ends and no `,`", "[a .. b] or [a, b]", None);
    }
    let expected = if members == 1 { "`,` for a list, `..` for a range, or `]`" } else { "`,` or `]`" };
    let word = opt(peek(bare)).parse_next(input).ok().flatten().unwrap_or_default();
    let place = Place { start: place.start, end: place.start + word.len().max(found.len_utf8()) };
    let message = format!("`{}` cannot stand between two values", excerpt(slice(input, place)));
    let suggestion = match (word.to_ascii_lowercase().as_str(), found) {
        ("to" | "-" | "–" | "until", _) if members == 1 => Some(".."),
        ("or" | "and", _) | (_, ';' | '|' | '，') => Some(","),
        (_, '…') => Some(".."),
        (_, ')') => return fault(place, "`)` does not close `[`", expected, Some("]".to_owned())),
        ("", _) => return stray(input),
        _ => None,
    };
    let message = if suggestion.is_some() {
        message
    } else {
        format!("nothing separates `{}` from the value before it", excerpt(slice(input, place)))
    };
    fault(place, message, expected, suggestion.map(ToOwned::to_owned))
}

/// More members than [`MAX_LIST`].
pub(in crate::parse) fn long_list(place: Place) -> Fault {
    let message = format!("the list has more than {MAX_LIST} values");
    fault(place, message, "a shorter list, or a tag on the assets that are meant", None)
}
