//! A condition as bytes: the same bytes mean the same patches of one catalog.

use super::columns::{Columns, Values};
use fettle_query::registry::Key;
use fettle_query::text::{TextMatch, Word};
use fettle_query::{Between, Node, Test};
use std::ops::{Bound, Range};

/// Writes a condition that does not depend on numbers of assets. No two conditions with different answers write
/// the same: every part begins with what it is, and what can be of different lengths says its own.
pub(crate) fn write(node: &Node, columns: &Columns, key: &mut Vec<u8>) {
    match node {
        Node::Everything => key.push(b'*'),
        Node::And(parts) => write_parts(b'&', parts, columns, key),
        Node::Or(parts) => write_parts(b'|', parts, columns, key),
        Node::Not(part) => {
            key.push(b'!');
            write(part, columns, key);
        }
        Node::Free(text) => {
            key.push(b'f');
            write_text(text, key);
        }
        Node::Value { field, test } => match field.key {
            Key::Patch(field) => {
                key.extend([b'v', field as u8]);
                write_test(test, columns.column(field).map(|column| &column.values), key);
            }
            // Patches have no other fields, so only this much of it matters.
            _ => key.extend([b'x', u8::from(*test == Test::Null)]),
        },
        Node::Related { .. } => key.push(b'r'),
    }
}

fn write_parts(kind: u8, parts: &[Node], columns: &Columns, key: &mut Vec<u8>) {
    key.push(kind);
    write_number(parts.len(), key);
    parts.iter().for_each(|part| write(part, columns, key));
}

fn write_test(test: &Test, values: Option<&Values>, key: &mut Vec<u8>) {
    match (test, values) {
        (Test::Null, _) => key.push(b'0'),
        (Test::Present, _) => key.push(b'1'),
        (Test::OneOf(tests), _) => {
            key.push(b'[');
            write_number(tests.len(), key);
            tests.iter().for_each(|test| write_test(test, values, key));
        }
        (Test::Text(text), Some(Values::Texts(_))) => {
            key.push(b't');
            write_text(text, key);
        }
        (Test::Number(between), Some(Values::Numbers(numbers))) => write_span(&numbers.span(between), key),
        (Test::Moment(between), Some(Values::Moments(moments))) => write_span(&moments.span(between), key),
        (Test::Flag(flag), Some(Values::Choices(_))) => key.extend([b'b', u8::from(*flag)]),
        (Test::Choice(between), Some(Values::Choices(_))) => write_choices(between, key),
        // A test of another type than the field's: nothing passes, whatever it says.
        _ => key.push(b'n'),
    }
}

fn write_span(span: &Range<usize>, key: &mut Vec<u8>) {
    key.push(b's');
    write_number(span.start, key);
    write_number(span.end, key);
}

fn write_choices(between: &Between<usize>, key: &mut Vec<u8>) {
    key.push(b'c');
    for bound in [&between.low, &between.high] {
        let (kind, choice) = match bound {
            Bound::Included(choice) => (b'i', *choice),
            Bound::Excluded(choice) => (b'e', *choice),
            Bound::Unbounded => (b'u', 0),
        };
        key.push(kind);
        write_number(choice, key);
    }
}

fn write_text(text: &TextMatch, key: &mut Vec<u8>) {
    let mut write = |kind: u8, words: &[Word]| {
        key.push(kind);
        write_number(words.len(), key);
        for word in words {
            write_number(word.parts.len(), key);
            word.parts.iter().for_each(|part| write_string(part, key));
        }
    };
    match text {
        TextMatch::Words(words) => write(b'w', words),
        TextMatch::Phrase(words) => write(b'p', words),
        TextMatch::Exact(exact) => {
            key.push(b'=');
            write_string(exact, key);
        }
    }
}

fn write_string(text: &str, key: &mut Vec<u8>) {
    write_number(text.len(), key);
    key.extend(text.as_bytes());
}

fn write_number(number: usize, key: &mut Vec<u8>) {
    key.extend(number.to_le_bytes());
}
