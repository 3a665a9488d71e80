//! What is asked of a field: a comparison, a range, a list, a nested query, whether it is there at all.

use super::expr::inside;
use super::lexer::{Keyword, Next, bare, comparison, keyword, literal, next, opens_with, space, symbol, tidy};
use super::{Input, MAX_LIST, Parsed, fault, here, since};
use crate::syntax::{Comparison, End, Literal, Name, Place, Quoting, Test};
use winnow::Parser;
use winnow::combinator::{opt, peek};
use winnow::stream::Stream;

/// What follows the name of a field and an operator.
pub(super) fn test(input: &mut Input<'_>, name: &Name, operator: &str, at: Place) -> Parsed<Test> {
    let Some(comparison) = comparison(operator) else { return Err(fault::operator(name, operator, at)) };
    space(input)?;
    let bracket = input.peek_token().filter(|first| matches!(first, '(' | '['));
    if let Some(bracket) = bracket
        && comparison != Comparison::Equal
    {
        return Err(fault::several_compared(at, bracket));
    }
    match bracket {
        Some('(') if !opens_with(input, "..") => nested(input, name),
        Some(_) => bracketed(input, name),
        None => compared(input, name, comparison, at),
    }
}

/// `field:(…)` with a query inside.
fn nested(input: &mut Input<'_>, name: &Name) -> Parsed<Test> {
    if opens_with(input, ",") {
        return Err(fault::list_in_parentheses(input));
    }
    let open = symbol(input, '(')?;
    space(input)?;
    if next(input) == Next::Close {
        let close = symbol(input, ')')?;
        return Err(fault::empty_nested(name, open, close));
    }
    Ok(Test::Nested(Box::new(inside(input, open)?)))
}

/// `field:value`.
fn compared(input: &mut Input<'_>, name: &Name, comparison: Comparison, at: Place) -> Parsed<Test> {
    let word = opt(peek(bare)).parse_next(input)?;
    if let Some(keyword) = word.and_then(Keyword::of) {
        return Err(fault::keyword_as_value(input, name, at, keyword));
    }
    let Some(value) = opt(literal).parse_next(input)? else { return Err(fault::no_value(input, name, at)) };
    tidy(input, &value)?;
    let after = input.checkpoint();
    space(input)?;
    if input.peek_finish().starts_with("..") {
        return Err(fault::bare_range(input, name, &value));
    }
    input.reset(&after);
    if comparison == Comparison::Equal && is_star(&value) {
        return Ok(Test::Present);
    }
    Ok(Test::Compare(comparison, value))
}

/// `field is null`, `field is not null`: what comes after `is`.
pub(super) fn presence(input: &mut Input<'_>, name: &Name, is: Place) -> Parsed<Test> {
    space(input)?;
    let not = opt(|input: &mut Input<'_>| keyword(input, Keyword::Not)).parse_next(input)?;
    space(input)?;
    let null = opt(|input: &mut Input<'_>| keyword(input, Keyword::Null)).parse_next(input)?;
    match (not, null) {
        (None, Some(_)) => Ok(Test::Null),
        (Some(_), Some(_)) => Ok(Test::Present),
        (_, None) => Err(fault::not_null(input, name, is, not)),
    }
}

/// `[a .. b]`, `(a .. b)`, `[a, b]`: from the bracket to the one that closes.
fn bracketed(input: &mut Input<'_>, name: &Name) -> Parsed<Test> {
    let included = input.peek_token() == Some('[');
    let open = symbol(input, if included { '[' } else { '(' })?;
    input.state.open.push(if included { ']' } else { ')' });
    space(input)?;
    let first = opt(literal).parse_next(input)?;
    space(input)?;
    let start = here(input);
    let test = match opt("..").parse_next(input)? {
        Some(_) => range(input, open, since(start, input), first.map(|value| (value, included)))?,
        None => list(input, name, open, first)?,
    };
    input.state.open.pop();
    Ok(test)
}

/// A range, from behind its `..`.
fn range(input: &mut Input<'_>, open: Place, dots: Place, low: Option<(Literal, bool)>) -> Parsed<Test> {
    let Some((low, low_included)) = low else { return Err(fault::no_end(input, dots, true)) };
    space(input)?;
    let Some(high) = opt(literal).parse_next(input)? else { return Err(fault::no_end(input, dots, false)) };
    space(input)?;
    let high_included = match input.peek_token() {
        Some(']') => true,
        Some(')') => false,
        None => return Err(fault::unclosed(input, open)),
        Some(_) => return Err(fault::after_range(input, open)),
    };
    symbol(input, if high_included { ']' } else { ')' })?;
    let end = |value: Literal, included| (!is_star(&value)).then_some(End { value, included });
    Ok(Test::Range { low: end(low, low_included), high: end(high, high_included) })
}

/// A list, from behind its first member.
fn list(input: &mut Input<'_>, name: &Name, open: Place, first: Option<Literal>) -> Parsed<Test> {
    let Some(first) = first else { return Err(fault::no_member(input, name, open, None)) };
    let mut members = vec![first];
    loop {
        space(input)?;
        let comma = match input.peek_token() {
            Some(',') => symbol(input, ',')?,
            Some(']') => break,
            None => return Err(fault::unclosed(input, open)),
            Some(_) => return Err(fault::between_members(input, open, members.len())),
        };
        space(input)?;
        let start = here(input);
        let Some(member) = opt(literal).parse_next(input)? else { return Err(fault::no_member(input, name, open, Some(comma))) };
        if members.len() == MAX_LIST {
            return Err(fault::long_list(since(start, input)));
        }
        members.push(member);
    }
    symbol(input, ']')?;
    Ok(Test::OneOf(members))
}

/// Whether a value is the `*` that stands for any.
fn is_star(value: &Literal) -> bool {
    value.quoting == Quoting::Bare && value.text == "*"
}
