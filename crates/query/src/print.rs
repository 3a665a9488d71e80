//! From [`Expr`] back to text, in one canonical form.
//!
//! Keywords are lower case, `:` stands for equal, `and` is always written, parentheses only where they are
//! needed, values quoted only where they must be. Reading the result again gives the same expression, apart
//! from places.

use crate::parse::{is_address, is_plain_free_text, is_plain_value};
use crate::syntax::{Comparison, End, Expr, ExprKind, Literal, Quoting, Test};

/// The canonical text of an expression.
#[must_use]
pub fn print(expr: &Expr) -> String {
    let mut out = String::new();
    if expr.kind != ExprKind::Everything {
        write_expr(&mut out, expr, Around::Nothing);
    }
    out
}

/// A text as an exact value between backticks, as facets and links use it: the value itself and nothing that
/// begins with it.
#[must_use]
pub fn exact(text: &str) -> String {
    quoted(text, '`')
}

/// A text as words in order between quotes.
#[must_use]
pub fn phrase(text: &str) -> String {
    quoted(text, '"')
}

/// What an expression is part of, which decides whether it needs parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Nothing, or parentheses.
    Nothing,
    /// `or`.
    Or,
    /// `and`.
    And,
    /// `not`.
    Not,
}

fn write_expr(out: &mut String, expr: &Expr, around: Around) {
    match &expr.kind {
        // Only as a part of something else, which no text gives; a wildcard matches everything as well.
        ExprKind::Everything => out.push('*'),
        ExprKind::Or(parts) => write_joined(out, parts, " or ", Around::Or, around != Around::Nothing),
        ExprKind::And(parts) => write_joined(out, parts, " and ", Around::And, matches!(around, Around::And | Around::Not)),
        ExprKind::Not(inner) => {
            out.push_str("not ");
            write_expr(out, inner, Around::Not);
        }
        ExprKind::Free(text) => write_literal(out, text, is_plain_free_text(&text.text)),
        ExprKind::Term { field, test } => {
            out.push_str(&field.text);
            write_test(out, &field.text, test);
        }
    }
}

fn write_joined(out: &mut String, parts: &[Expr], word: &str, around: Around, parentheses: bool) {
    if parentheses {
        out.push('(');
    }
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            out.push_str(word);
        }
        write_expr(out, part, around);
    }
    if parentheses {
        out.push(')');
    }
}

fn write_test(out: &mut String, name: &str, test: &Test) {
    match test {
        // A name of hexadecimal digits and a colon would become a part of an address behind it.
        Test::Compare(Comparison::Equal, value) if value.quoting == Quoting::Bare && is_address(&format!("{name}:{}", value.text)) => {
            out.push('=');
            write_value(out, value);
        }
        Test::Compare(comparison, value) => {
            out.push_str(sign(*comparison));
            write_value(out, value);
        }
        Test::Range { low, high } => {
            out.push_str(if low.as_ref().is_none_or(|end| end.included) { ":[" } else { ":(" });
            write_end(out, low.as_ref());
            out.push_str(" .. ");
            write_end(out, high.as_ref());
            out.push(if high.as_ref().is_none_or(|end| end.included) { ']' } else { ')' });
        }
        Test::OneOf(members) => {
            out.push_str(":[");
            for (number, member) in members.iter().enumerate() {
                if number > 0 {
                    out.push_str(", ");
                }
                write_value(out, member);
            }
            out.push(']');
        }
        Test::Null => out.push_str(" is null"),
        Test::Present => out.push_str(":*"),
        Test::Nested(inner) if inner.kind == ExprKind::Everything => out.push_str(":*"),
        Test::Nested(inner) => {
            out.push_str(":(");
            write_expr(out, inner, Around::Nothing);
            out.push(')');
        }
    }
}

const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => ":",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn write_end(out: &mut String, end: Option<&End>) {
    match end {
        Some(end) => write_value(out, &end.value),
        None => out.push('*'),
    }
}

fn write_value(out: &mut String, value: &Literal) {
    write_literal(out, value, is_plain_value(&value.text));
}

/// A value with the quotes it had; one without gets some when it could not be read again.
fn write_literal(out: &mut String, value: &Literal, plain: bool) {
    match value.quoting {
        Quoting::Bare if plain => out.push_str(&value.text),
        Quoting::Bare | Quoting::Phrase => out.push_str(&phrase(&value.text)),
        Quoting::Exact => out.push_str(&exact(&value.text)),
    }
}

/// A text between quotes, with a backslash before every backslash and every such quote in it.
fn quoted(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for letter in text.chars() {
        if letter == quote || letter == '\\' {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests;
