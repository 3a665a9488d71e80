//! From a checked query to SQL that cuts off what cannot satisfy it.
//!
//! The condition is sound and not complete: every record that [`fettle_query::interpret`] accepts fulfils it, and
//! some may that it does not accept. Whoever reads the rows interprets each of them. What SQL cannot tell the way the
//! language means it (folded text, numbers within JSON, findings) becomes "anything". A negation is pushed down to
//! the leaves, where it narrows only what is decided exactly.

mod columns;
mod leaf;
mod sql;

pub(crate) use columns::{ENDED, audit, job, result};
pub(crate) use leaf::choice;
pub(crate) use sql::Narrowed;

use fettle_query::registry::{Entity, Field, Key, fields};
use fettle_query::{Checked, Node, Test};

/// What SQL can tell of the values of one field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    /// Microseconds; null when there is no value.
    Moment(&'static str),
    /// 0 or 1.
    Flag(&'static str),
    /// A word of the field's list of choices; never null.
    Choice(&'static str),
    /// Text that this program made in lower case and ASCII, such as an id or an address, so that folding changes
    /// nothing; never null.
    Plain(&'static str),
    /// The rows stand for several records each, and one with this choice is among them when this holds.
    OneWith(fn(&'static str) -> String),
    /// There is a value only where this holds.
    OnlyWhere(&'static str),
    /// A moment that other rows have: the SQL between which their condition stands, and their column. Tells only what
    /// is possible.
    Elsewhere {
        /// What stands before the condition on the other rows.
        before: &'static str,
        /// Their moment.
        moment: &'static str,
        /// What stands behind.
        after: &'static str,
    },
}

/// Which columns the fields of an entity have.
pub(crate) type Columns = fn(Key) -> Option<Column>;

/// Most leaves a query may have to be narrowed. One with more is made by a machine, and planning its SQL would cost
/// more than reading; SQLite refuses expressions of more than 1,000 levels.
const MAX_LEAVES: usize = 200;

/// The condition for a query.
pub(crate) fn narrow(query: &Checked, columns: Columns) -> Narrowed {
    narrow_node(query.root(), query.entity(), columns)
}

/// The condition for a part of a query over `entity`.
pub(crate) fn narrow_node(node: &Node, entity: Entity, columns: Columns) -> Narrowed {
    if leaves(node) > MAX_LEAVES {
        return Narrowed::ANYTHING;
    }
    Narrowing { columns }.node(node, entity, false)
}

fn leaves(node: &Node) -> usize {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().map(leaves).sum(),
        Node::Not(part) => leaves(part),
        Node::Related { inner, .. } => leaves(inner),
        Node::Value { test: Test::OneOf(tests), .. } => tests.len(),
        Node::Everything | Node::Free(_) | Node::Value { .. } => 1,
    }
}

struct Narrowing {
    columns: Columns,
}

impl Narrowing {
    fn node(&self, node: &Node, entity: Entity, negated: bool) -> Narrowed {
        match node {
            Node::Everything if negated => Narrowed::NOTHING,
            Node::Everything => Narrowed::EVERYTHING,
            Node::And(parts) | Node::Or(parts) => {
                let parts: Vec<Narrowed> = parts.iter().map(|part| self.node(part, entity, negated)).collect();
                // De Morgan's laws hold in three-valued logic, too.
                if matches!(node, Node::And(_)) == negated { Narrowed::any(parts) } else { Narrowed::all(parts) }
            }
            Node::Not(part) => self.node(part, entity, !negated),
            Node::Free(text) => {
                let test = Test::Text(text.clone());
                let parts = fields(entity).iter().filter(|field| field.main).map(|field| self.value(field, &test, negated)).collect();
                if negated { Narrowed::all(parts) } else { Narrowed::any(parts) }
            }
            Node::Value { field, test } => self.value(field, test, negated),
            // A record without the related one passes when this is negated.
            Node::Related { .. } if negated => Narrowed::ANYTHING,
            Node::Related { relation, inner } => self.node(inner, relation.to(), false).possible(),
        }
    }

    fn value(&self, field: &Field, test: &Test, negated: bool) -> Narrowed {
        match (self.columns)(field.key) {
            Some(column) => leaf::narrow(column, field.kind, test, negated),
            None => Narrowed::ANYTHING,
        }
    }
}
