//! A second reader, written another way, of what query languages have in common: words, quotes, fields, lists, ranges,
//! `and`, `or`, `not` and parentheses. It says nothing of queries that have more than that.

use super::printed::of_field;
use super::tree::{Mark, Tree};

/// Characters that some language gives a meaning of its own, outside quotes.
const OWN_MEANING: [char; 10] = ['+', '~', '^', '\\', '/', '{', '}', '|', '&', '!'];

/// Piece of a query.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// A parenthesis, and the field before it.
    Open(String),
    Close,
    And,
    Or,
    Not,
    Leaf(Tree),
}

/// What a query says, when it has nothing but what languages share.
pub(crate) fn read(text: &str) -> Option<Tree> {
    let mut values: Vec<Tree> = Vec::new();
    let mut waiting: Vec<Piece> = Vec::new();
    let mut after_value = false;
    for piece in pieces(text)? {
        let begins = matches!(piece, Piece::Open(_) | Piece::Not | Piece::Leaf(_));
        if begins && after_value {
            settle(&mut values, &mut waiting, 2)?;
            waiting.push(Piece::And);
        }
        after_value = matches!(piece, Piece::Close | Piece::Leaf(_));
        match piece {
            Piece::Leaf(tree) => values.push(tree),
            Piece::Open(_) | Piece::Not => waiting.push(piece),
            Piece::And | Piece::Or => {
                settle(&mut values, &mut waiting, strength(&piece))?;
                waiting.push(piece);
            }
            Piece::Close => {
                settle(&mut values, &mut waiting, 1)?;
                let Some(Piece::Open(field)) = waiting.pop() else { return None };
                let inner = values.pop()?;
                values.push(if field.is_empty() { inner } else { inner.changed(&|tree| of_field(tree, &field)) });
            }
        }
    }
    settle(&mut values, &mut waiting, 1)?;
    let tree = values.pop()?;
    (values.is_empty() && waiting.is_empty()).then_some(tree)
}

fn strength(piece: &Piece) -> u8 {
    match piece {
        Piece::Or => 1,
        Piece::And => 2,
        Piece::Not => 3,
        Piece::Open(_) | Piece::Close | Piece::Leaf(_) => 0,
    }
}

/// Joins what waits and binds at least so strongly.
fn settle(values: &mut Vec<Tree>, waiting: &mut Vec<Piece>, least: u8) -> Option<()> {
    while waiting.last().is_some_and(|piece| strength(piece) >= least) {
        let right = values.pop()?;
        let joined = match waiting.pop()? {
            Piece::Not => Tree::Not(Box::new(right)),
            Piece::Or => Tree::any(vec![values.pop()?, right]),
            _ => Tree::all(vec![values.pop()?, right]),
        };
        values.push(joined);
    }
    Some(())
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (piece, after) = match first {
            '(' => (Piece::Open(String::new()), rest.get(1..)?),
            ')' => (Piece::Close, rest.get(1..)?),
            _ => piece(rest)?,
        };
        pieces.push(piece);
        rest = after.trim_start();
    }
    Some(pieces)
}

fn piece(rest: &str) -> Option<(Piece, &str)> {
    let name = rest.get(..rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_'))).unwrap_or(rest.len()))?;
    let after = rest.get(name.len()..)?;
    let spaced = after.trim_start();
    if !name.is_empty() {
        if let Some(inner) = spaced.strip_prefix("in (").or_else(|| spaced.strip_prefix("IN (")) {
            let (list, after) = inner.split_once(')')?;
            return Some((Piece::Leaf(any_of(name, list)?), after));
        }
        for (sign, low, included) in [(">=", true, true), ("<=", false, true), (">", true, false), ("<", false, false)] {
            let after = spaced.strip_prefix(sign).or_else(|| after.strip_prefix(':')?.trim_start().strip_prefix(sign));
            if let Some(after) = after {
                let (text, _, after) = value(after.trim_start())?;
                let end = Some((text, included));
                let (low, high) = if low { (end, None) } else { (None, end) };
                return Some((Piece::Leaf(Tree::Range(name.to_owned(), low, high)), after));
            }
        }
        if let Some(after) = spaced.strip_prefix(':') {
            return of_name(name, after.trim_start());
        }
    }
    let (text, mark, after) = value(rest)?;
    let leaf = Piece::Leaf(Tree::Value(String::new(), text.clone(), mark));
    let piece = match (mark, text.to_lowercase().as_str()) {
        (Mark::Words, "and") => Piece::And,
        (Mark::Words, "or") => Piece::Or,
        (Mark::Words, "not") => Piece::Not,
        _ => leaf,
    };
    Some((piece, after))
}

/// What stands behind `name:`.
fn of_name<'a>(name: &str, after: &'a str) -> Option<(Piece, &'a str)> {
    if let Some(after) = after.strip_prefix('(') {
        return Some((Piece::Open(name.to_owned()), after));
    }
    if let Some(inner) = after.strip_prefix('[') {
        let (inner, after) = inner.split_at(inner.find([']', '}'])?);
        let closed = after.starts_with(']');
        let after = after.get(1..)?;
        let ends = inner.split_once(" .. ").or_else(|| inner.split_once(" TO "));
        if inner.contains(['|', '\\']) {
            return None;
        }
        let Some((low, high)) = ends else { return Some((Piece::Leaf(any_of(name, inner)?), after)) };
        let end = |text: &str, included: bool| (text.trim() != "*").then(|| (text.trim().to_owned(), included));
        return Some((Piece::Leaf(Tree::Range(name.to_owned(), end(low, true), end(high, closed))), after));
    }
    let (text, mark, after) = value(after)?;
    Some((Piece::Leaf(Tree::Value(name.to_owned(), text, mark)), after))
}

fn any_of(name: &str, list: &str) -> Option<Tree> {
    let one = |text: &str| {
        value(text.trim()).filter(|(_, _, rest)| rest.is_empty()).map(|(text, mark, _)| Tree::Value(name.to_owned(), text, mark))
    };
    Some(Tree::any(list.split(',').map(one).collect::<Option<Vec<Tree>>>()?))
}

/// A quoted or bare value, and what stands behind it. Single quotes hold a phrase as double ones do.
fn value(rest: &str) -> Option<(String, Mark, &str)> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    if let Some(quote) = quote {
        let (inner, after) = rest.get(1..)?.split_once(quote)?;
        let mark = if quote == '`' { Mark::Exact } else { Mark::Phrase };
        // A sign behind the quote says more about what is in it.
        let ends = after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | ','));
        return (ends && !inner.contains('\\')).then(|| (inner.to_owned(), mark, after));
    }
    let text = rest.get(..rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).unwrap_or(rest.len()))?;
    Some((plain(text)?.to_owned(), Mark::Words, rest.get(text.len()..)?))
}

/// A bare value that means its own characters everywhere.
fn plain(text: &str) -> Option<&str> {
    (!text.is_empty() && !text.starts_with(['-', ':']) && !text.contains(OWN_MEANING) && !text.contains(['[', ']', '"', '<', '>']))
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query_languages::tree::ours;
    use fettle_query::parse;

    #[test]
    fn both_readers_agree_on_what_languages_share() {
        for text in
            ["a b or c and not d", "not (a or b) c", "x.y:`A b` and z:[1 .. 5]", "x:[A,\"b c\"] or y>=3 and z<4", "(a)", "x:* not y:web-01"]
        {
            assert_eq!(read(text), Some(ours(&parse(text).expect("a query"))), "{text}");
        }
    }

    #[test]
    fn nothing_is_said_of_other_forms() {
        for text in ["\"a\"*", "x:[1||2 TO 3]", "+a", "a~2", "/a/", "a^3", "(a", "a)", "and", "a or", "\"a", "x:[1 TO"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
