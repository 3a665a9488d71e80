//! What a query means: names are fields, values have types, moments are absolute.
//!
//! A [`Checked`] query is made by [`crate::check`] alone, so whoever holds one may run it; an engine that
//! answers people takes it together with a view that is cut to their scope.

use crate::registry::{Entity, Field, Relation};
use crate::text::TextMatch;
use fettle_model::version::DpkgVersion;
use ipnet::IpNet;
use jiff::Timestamp;
use std::ops::Bound;

/// A query that was checked against the registry. Equal queries compare equal however they were written.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    pub(crate) entity: Entity,
    pub(crate) root: Node,
    pub(crate) canonical: String,
}

impl Checked {
    /// The query that everything answers to.
    #[must_use]
    pub fn everything(entity: Entity) -> Self {
        Self { entity, root: Node::Everything, canonical: String::new() }
    }

    /// What kind of record it asks for.
    #[must_use]
    pub fn entity(&self) -> Entity {
        self.entity
    }

    /// Its meaning.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Its text in canonical form; moments stay as they were written, so `now-30d` stays relative.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Both together. `None` when they ask for different kinds of records.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        if self.entity != other.entity {
            return None;
        }
        let canonical = match (self.canonical.is_empty(), other.canonical.is_empty()) {
            (true, _) => other.canonical,
            (_, true) => self.canonical,
            _ => format!("({}) and ({})", self.canonical, other.canonical),
        };
        Some(Self { entity: self.entity, root: Node::And(vec![self.root, other.root]), canonical })
    }

    /// A query over records, one of whose `relation` records must satisfy this query: the second box of the
    /// console. `None` when the relation leads to another kind of record.
    #[must_use]
    pub fn within(self, relation: Relation) -> Option<Self> {
        if relation.to() != self.entity {
            return None;
        }
        let canonical = match self.canonical.as_str() {
            "" => format!("{}:*", relation.name()),
            inner => format!("{}:({inner})", relation.name()),
        };
        Some(Self { entity: relation.from(), root: Node::Related { relation, inner: Box::new(self.root) }, canonical })
    }

    /// The records that do not satisfy it.
    #[must_use]
    pub fn negated(self) -> Self {
        let inner = if self.canonical.is_empty() { "*" } else { &self.canonical };
        let canonical = format!("not ({inner})");
        Self { entity: self.entity, root: Node::Not(Box::new(self.root)), canonical }
    }

    /// The conditions on related records of one kind, as queries over these: for an engine that answers them
    /// all at once and gives [`crate::Record::answers`] its findings. They have no text of their own.
    #[must_use]
    pub fn related(&self, relation: Relation) -> Vec<Self> {
        let mut found = Vec::new();
        collect(&self.root, relation, &mut found);
        found.into_iter().map(|root| Self { entity: relation.to(), root, canonical: String::new() }).collect()
    }
}

fn collect(node: &Node, wanted: Relation, found: &mut Vec<Node>) {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| collect(part, wanted, found)),
        Node::Not(part) => collect(part, wanted, found),
        Node::Related { relation, inner } if *relation == wanted && !found.contains(inner) => found.push((**inner).clone()),
        Node::Related { .. } | Node::Everything | Node::Free(_) | Node::Value { .. } => {}
    }
}

/// A condition on one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Always holds.
    Everything,
    /// All hold. Of none: holds.
    And(Vec<Node>),
    /// One holds. Of none: does not hold.
    Or(Vec<Node>),
    /// Does not hold.
    Not(Box<Node>),
    /// One of the main texts of the record matches ([`Field::main`]).
    Free(TextMatch),
    /// One of the field's values passes.
    Value {
        /// The field.
        field: &'static Field,
        /// What the value must pass.
        test: Test,
    },
    /// One of the related records satisfies the inner condition.
    Related {
        /// Which records.
        relation: Relation,
        /// Condition on one of them.
        inner: Box<Node>,
    },
}

/// What one value must pass. The variant fits the field's type; see [`crate::registry::Kind`].
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The field has no value at all. The only test that a missing value passes.
    Null,
    /// The field has a value.
    Present,
    /// One of these, for lists.
    OneOf(Vec<Test>),
    /// Text.
    Text(TextMatch),
    /// Number, size in bytes, share in per cent.
    Number(Between<f64>),
    /// Moment.
    Moment(Between<Timestamp>),
    /// Version, in dpkg's order, which puts dotted numbers of all customary schemes in order.
    Version(Between<DpkgVersion>),
    /// Yes or no.
    Flag(bool),
    /// Places in the field's list of choices.
    Choice(Between<usize>),
    /// Address in a network; a single address is a network of one.
    Address(IpNet),
}

/// An interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Between<T> {
    /// Lower end.
    pub low: Bound<T>,
    /// Upper end.
    pub high: Bound<T>,
}

impl<T: PartialOrd> Between<T> {
    /// Whether a value lies in it.
    pub fn contains(&self, value: &T) -> bool {
        let above = match &self.low {
            Bound::Included(low) => value >= low,
            Bound::Excluded(low) => value > low,
            Bound::Unbounded => true,
        };
        let below = match &self.high {
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
            Bound::Unbounded => true,
        };
        above && below
    }
}
