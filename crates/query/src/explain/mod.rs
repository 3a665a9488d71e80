//! A query in plain sentences.

mod value;

use crate::check::lookup::plural;
use crate::checked::{Checked, Node};
use crate::registry::{Entity, Evidence, Field, Kind, Relation, fields};
use value::{pattern, test_of};

/// A sentence, and those it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The sentence. It ends with a colon when parts follow.
    pub text: String,
    /// What it is made of. As deep as the query.
    pub parts: Vec<Explanation>,
}

/// Says what a query asks for. Moments are shown as what they come to, in UTC.
#[must_use]
pub fn explain(query: &Checked) -> Explanation {
    let records = plural(query.entity());
    let sentence = |end: &str| format!("All {records} {end}");
    let (text, mut parts) = match query.root() {
        Node::Everything => return leaf(format!("All {records}")),
        Node::And(parts) => (sentence("for which all of this holds:"), each(parts, query.entity())),
        Node::Or(parts) => (sentence("for which at least one of these holds:"), each(parts, query.entity())),
        one => (sentence("for which this holds:"), vec![describe(one, query.entity())]),
    };
    if asks_findings(query.root()) {
        parts.push(leaf("Where the last scan failed or is old, what was found counts, and what was not found is unknown".to_owned()));
    }
    Explanation { text, parts }
}

fn leaf(text: String) -> Explanation {
    Explanation { text, parts: Vec::new() }
}

fn each(nodes: &[Node], entity: Entity) -> Vec<Explanation> {
    nodes.iter().map(|node| describe(node, entity)).collect()
}

fn describe(node: &Node, entity: Entity) -> Explanation {
    match node {
        Node::Everything => leaf("It is there".to_owned()),
        Node::And(parts) => Explanation { text: "All of this holds:".to_owned(), parts: each(parts, entity) },
        Node::Or(parts) => Explanation { text: "At least one of these holds:".to_owned(), parts: each(parts, entity) },
        Node::Not(inner) => Explanation { text: "This does not hold:".to_owned(), parts: vec![describe(inner, entity)] },
        Node::Free(text) => leaf(format!("One of {} {}", main_fields(entity), pattern(text))),
        Node::Value { field, test } => leaf(format!("{} {} ({})", subject(field), test_of(field, test), field.help)),
        Node::Related { relation, inner } => related(*relation, inner),
    }
}

fn subject(field: &Field) -> String {
    if field.many { format!("One value of {}", field.name) } else { field.name.to_owned() }
}

fn main_fields(entity: Entity) -> String {
    let names: Vec<&str> = fields(entity).iter().filter(|field| field.main && field.kind == Kind::Text).map(|field| field.name).collect();
    names.join(", ")
}

fn related(relation: Relation, inner: &Node) -> Explanation {
    let some = match relation {
        Relation::Missing => "It misses a patch",
        Relation::Installed => "It has a patch installed",
        Relation::Software => "It has a package or application",
        Relation::Asset => "It belongs to an asset",
        Relation::Patch => "It belongs to a patch",
    };
    match inner {
        Node::Everything => leaf(some.to_owned()),
        Node::And(parts) => Explanation { text: format!("{some} for which all of this holds:"), parts: each(parts, relation.to()) },
        Node::Or(parts) => {
            Explanation { text: format!("{some} for which at least one of these holds:"), parts: each(parts, relation.to()) }
        }
        one => Explanation { text: format!("{some} for which this holds:"), parts: vec![describe(one, relation.to())] },
    }
}

/// Whether anything in it is made of findings, so that the answer may be that nobody knows.
fn asks_findings(node: &Node) -> bool {
    match node {
        Node::Everything | Node::Free(_) => false,
        Node::And(parts) | Node::Or(parts) => parts.iter().any(asks_findings),
        Node::Not(inner) => asks_findings(inner),
        Node::Value { field, .. } => field.evidence != Evidence::Fact,
        Node::Related { relation, inner } => relation.evidence() != Evidence::Fact || asks_findings(inner),
    }
}
