//! What could be written at a cursor. Tolerant: the text may be broken before the cursor and behind it.

mod offer;
mod scan;
mod stand;

use crate::registry::{Entity, Field};
use crate::syntax::Place;
use stand::stand;

/// What could be written at a cursor, and which part of the text it replaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The word the cursor is in, from its first letter to its last; empty between words.
    pub place: Place,
    /// What could stand there, the likeliest first. All of it goes on from what is typed there before the cursor.
    pub items: Vec<Item>,
}

/// Something that could be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The text to put in place.
    pub insert: String,
    /// What to show.
    pub label: String,
    /// One line about it.
    pub detail: String,
    /// What it is.
    pub kind: ItemKind,
    /// When set, this item stands for values of a field that only an index knows, and is no text of its own:
    /// `insert` and `label` are empty.
    pub values_of: Option<&'static Field>,
}

/// Kinds of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A field.
    Field,
    /// A way to related records.
    Relation,
    /// A value.
    Value,
    /// An operator, bracket or comma.
    Operator,
    /// `and`, `or`, `not`, `is null` and the like.
    Keyword,
}

/// What could be written at a cursor, given in bytes. A cursor behind the text or within a character is moved
/// to the next place before it.
#[must_use]
pub fn complete(entity: Entity, text: &str, cursor: usize) -> Completion {
    let cursor = (0..=cursor.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let stand = stand(entity, text, cursor);
    let place = stand.current.map_or(Place { start: cursor, end: cursor }, |token| token.place);
    let typed = text.get(place.start..cursor).unwrap_or_default();
    Completion { place, items: offer::items(&stand, typed) }
}
