//! How conditions are joined: `or`, `and`, `not`, parentheses.

use super::lexer::{self, Keyword, Next, head, keyword, next, operators, quoted, space, symbol, tidy};
use super::{Input, MAX_DEPTH, MAX_NODES, Parsed, fault, here, since, term};
use crate::syntax::{Expr, ExprKind, Literal, Place, Quoting};
use winnow::Parser;
use winnow::combinator::opt;
use winnow::stream::Stream;

/// What stands before a condition, for the error when the condition is missing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Before {
    /// Nothing, or another condition.
    Nothing,
    /// A word that asks for one.
    Keyword(Keyword, Place),
    /// `(`.
    Open(Place),
}

/// The two ways to join conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

/// All of a query.
pub(super) fn query(input: &mut Input<'_>) -> Parsed<Expr> {
    space(input)?;
    if next(input) == Next::End {
        return Ok(Expr { place: since(here(input), input), kind: ExprKind::Everything });
    }
    let expr = either(input, Before::Nothing)?;
    match next(input) {
        Next::End => Ok(expr),
        _ => Err(fault::stray(input)),
    }
}

/// Conditions joined by `or`, and the white space after them.
pub(super) fn either(input: &mut Input<'_>, before: Before) -> Parsed<Expr> {
    let first = all(input, before)?;
    let mut parts = Vec::new();
    while let Some(place) = opt(|input: &mut Input<'_>| keyword(input, Keyword::Or)).parse_next(input)? {
        space(input)?;
        parts.push(all(input, Before::Keyword(Keyword::Or, place))?);
    }
    joined(input, Join::Or, first, parts)
}

/// Conditions joined by `and` or by nothing, and the white space after them.
fn all(input: &mut Input<'_>, before: Before) -> Parsed<Expr> {
    let first = negation(input, before)?;
    let mut parts = Vec::new();
    loop {
        space(input)?;
        let before = match next(input) {
            Next::Keyword(Keyword::And) => Before::Keyword(Keyword::And, keyword(input, Keyword::And)?),
            Next::End | Next::Close | Next::Keyword(Keyword::Or) => break,
            _ => Before::Nothing,
        };
        space(input)?;
        parts.push(negation(input, before)?);
    }
    joined(input, Join::And, first, parts)
}

/// Several parts as one expression. A part in parentheses that joins the same way is taken apart: it means the same.
fn joined(input: &mut Input<'_>, join: Join, first: Expr, more: Vec<Expr>) -> Parsed<Expr> {
    let Some(last) = more.last() else { return Ok(first) };
    let place = Place { start: first.place.start, end: last.place.end };
    let mut parts = Vec::with_capacity(more.len() + 1);
    for part in std::iter::once(first).chain(more) {
        match (part.kind, join) {
            (ExprKind::And(inner), Join::And) | (ExprKind::Or(inner), Join::Or) => parts.extend(inner),
            (kind, _) => parts.push(Expr { place: part.place, kind }),
        }
    }
    node(input, place, if join == Join::And { ExprKind::And(parts) } else { ExprKind::Or(parts) })
}

/// A condition, or `not` and a condition.
fn negation(input: &mut Input<'_>, before: Before) -> Parsed<Expr> {
    let Some(not) = opt(|input: &mut Input<'_>| keyword(input, Keyword::Not)).parse_next(input)? else {
        return condition(input, before);
    };
    enter(input, not)?;
    space(input)?;
    let inner = negation(input, Before::Keyword(Keyword::Not, not))?;
    input.state.depth -= 1;
    let place = Place { start: not.start, end: inner.place.end };
    node(input, place, ExprKind::Not(Box::new(inner)))
}

/// One condition.
fn condition(input: &mut Input<'_>, before: Before) -> Parsed<Expr> {
    match next(input) {
        Next::Open => group(input),
        Next::Quote => quoted_text(input),
        Next::Word => word(input),
        Next::End | Next::Close => Err(fault::no_condition(input, before)),
        Next::Keyword(found) => Err(fault::keyword_instead(input, before, found)),
        Next::Stray(_) => Err(fault::stray(input)),
    }
}

/// Conditions in parentheses.
fn group(input: &mut Input<'_>) -> Parsed<Expr> {
    let open = symbol(input, '(')?;
    let inner = inside(input, open)?;
    Ok(inner)
}

/// What stands in parentheses, and the one that closes.
pub(super) fn inside(input: &mut Input<'_>, open: Place) -> Parsed<Expr> {
    enter(input, open)?;
    input.state.open.push(')');
    space(input)?;
    let inner = either(input, Before::Open(open))?;
    match next(input) {
        Next::Close => symbol(input, ')')?,
        Next::End => return Err(fault::unclosed(input, open)),
        _ => return Err(fault::stray(input)),
    };
    input.state.open.pop();
    input.state.depth -= 1;
    Ok(inner)
}

/// A quoted text without a field.
fn quoted_text(input: &mut Input<'_>) -> Parsed<Expr> {
    let text = quoted(input)?;
    let after = input.checkpoint();
    space(input)?;
    if let Some((_, place)) = opt(operators).parse_next(input)? {
        return Err(fault::no_name(input, text.place, place, &text.text));
    }
    input.reset(&after);
    free(input, text)
}

/// A field and what is asked of it, or a text without a field.
fn word(input: &mut Input<'_>) -> Parsed<Expr> {
    let start = here(input);
    let text = head(input)?;
    let place = since(start, input);
    let after = input.checkpoint();
    space(input)?;
    if let Some((run, at)) = opt(operators).parse_next(input)? {
        if !lexer::is_plain_name(text) {
            return Err(fault::no_name(input, place, at, text));
        }
        let name = lexer::name(place, text);
        let test = term::test(input, &name, run, at)?;
        let place = since(start, input);
        return node(input, place, ExprKind::Term { field: name, test });
    }
    if let Some(is) = opt(|input: &mut Input<'_>| keyword(input, Keyword::Is)).parse_next(input)? {
        if !lexer::is_plain_name(text) {
            return Err(fault::no_name(input, place, is, text));
        }
        let name = lexer::name(place, text);
        let test = term::presence(input, &name, is)?;
        let place = since(start, input);
        return node(input, place, ExprKind::Term { field: name, test });
    }
    input.reset(&after);
    if lexer::is_signed_word(text) {
        return Err(fault::signed(place, text));
    }
    if let Some(quote) = text.chars().next().filter(|&first| lexer::is_apostrophe(first)) {
        return Err(fault::foreign_quotes(input, place.start, quote));
    }
    free(input, Literal { place, text: text.to_owned(), quoting: Quoting::Bare })
}

/// A text without a field.
fn free(input: &mut Input<'_>, text: Literal) -> Parsed<Expr> {
    tidy(input, &text)?;
    node(input, text.place, ExprKind::Free(text))
}

/// Goes one level deeper.
fn enter(input: &mut Input<'_>, place: Place) -> Parsed<()> {
    input.state.depth += 1;
    if input.state.depth > MAX_DEPTH {
        return Err(fault::too_deep(place));
    }
    Ok(())
}

/// One more expression.
fn node(input: &mut Input<'_>, place: Place, kind: ExprKind) -> Parsed<Expr> {
    input.state.nodes += 1;
    if input.state.nodes > MAX_NODES {
        return Err(fault::too_many(place));
    }
    Ok(Expr { place, kind })
}
