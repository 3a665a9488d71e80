//! From what was written to what it means: names become fields, texts become values.

mod address;
mod closed;
mod flaw;
pub(crate) mod lookup;
mod moment;
mod number;
mod span;
mod value;
mod version;

use crate::checked::{Checked, Node, Test};
use crate::error::QueryError;
use crate::parse::MAX_TEXT;
use crate::registry::{Entity, Relation};
use crate::syntax::{self, Comparison, Expr, ExprKind, Literal, Name, Quoting};
use crate::text::TextMatch;
use flaw::Flaw;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use lookup::{Found, Target};

/// What a query is read against: it has no clock and no zone of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// What `now` is.
    pub now: Timestamp,
    /// Where days begin: `today`, plain dates, `now-1M`.
    pub zone: TimeZone,
}

/// Most errors that are told at once. People mend a few and ask again.
const MOST_ERRORS: usize = 20;

/// Reads a query and finds out what it means for an entity.
///
/// # Errors
/// What is wrong with it, in the order of its text: one error when it cannot be parsed, else every name and
/// value that is wrong, up to twenty.
pub fn check(entity: Entity, text: &str, context: &Context) -> Result<Checked, Vec<QueryError>> {
    let expr = crate::parse(text).map_err(|error| vec![error])?;
    check_expr(entity, &expr, context)
}

/// Finds out what a parsed query means for an entity.
///
/// # Errors
/// Every name and value that is wrong, up to twenty, in the order of the text.
pub fn check_expr(entity: Entity, expr: &Expr, context: &Context) -> Result<Checked, Vec<QueryError>> {
    let mut checker = Checker { context, errors: Vec::new() };
    match checker.expr(entity, expr) {
        Some(Part { node, expr }) if checker.errors.is_empty() => {
            let canonical = crate::print(&expr);
            if canonical.len() > MAX_TEXT {
                return Err(vec![too_long().at(expr.place)]);
            }
            Ok(Checked { entity, root: node, canonical })
        }
        _ => Err(checker.errors),
    }
}

/// The canonical text is what is kept and read again, and full names are longer than aliases.
fn too_long() -> Flaw {
    let message = format!("with the full names of its fields this query has more than {} KiB", MAX_TEXT / 1024);
    Flaw::new(message, "a shorter query; a list such as [a, b] names its field once")
}

/// A part of a query: its meaning, and itself with canonical names.
struct Part {
    node: Node,
    expr: Expr,
}

struct Checker<'c> {
    context: &'c Context,
    errors: Vec<QueryError>,
}

impl Checker<'_> {
    fn expr(&mut self, entity: Entity, expr: &Expr) -> Option<Part> {
        let part = |node, kind| Some(Part { node, expr: Expr { place: expr.place, kind } });
        match &expr.kind {
            ExprKind::Everything => part(Node::Everything, ExprKind::Everything),
            ExprKind::And(parts) => {
                let (nodes, exprs) = self.exprs(entity, parts)?;
                part(Node::And(nodes), ExprKind::And(exprs))
            }
            ExprKind::Or(parts) => {
                let (nodes, exprs) = self.exprs(entity, parts)?;
                part(Node::Or(nodes), ExprKind::Or(exprs))
            }
            ExprKind::Not(inner) => {
                let inner = self.expr(entity, inner)?;
                part(Node::Not(Box::new(inner.node)), ExprKind::Not(Box::new(inner.expr)))
            }
            ExprKind::Free(literal) => part(self.free(literal)?, expr.kind.clone()),
            ExprKind::Term { field, test } => self.term(entity, expr, field, test),
        }
    }

    /// Checks all parts, so that all their errors are told, even when the first is wrong.
    fn exprs(&mut self, entity: Entity, parts: &[Expr]) -> Option<(Vec<Node>, Vec<Expr>)> {
        let checked: Vec<Option<Part>> = parts.iter().map(|part| self.expr(entity, part)).collect();
        let checked: Vec<Part> = checked.into_iter().collect::<Option<_>>()?;
        Some(checked.into_iter().map(|part| (part.node, part.expr)).unzip())
    }

    fn free(&mut self, literal: &Literal) -> Option<Node> {
        if literal.quoting == Quoting::Bare && literal.text == "*" {
            return Some(Node::Everything);
        }
        self.pattern(literal).map(Node::Free)
    }

    fn pattern(&mut self, literal: &Literal) -> Option<TextMatch> {
        self.keep(literal.place, value::pattern(literal))
    }

    fn term(&mut self, entity: Entity, expr: &Expr, name: &Name, test: &syntax::Test) -> Option<Part> {
        // Finding what somebody may have meant costs more than finding that it is wrong.
        if self.is_full() {
            return None;
        }
        let Some(found) = lookup::find(entity, &name.text) else {
            self.fail(lookup::unknown(entity, &name.text).at(name.place));
            return None;
        };
        let (node, test) = match found.target {
            Target::Field(field) => {
                let value = value::Asked { field, name: &name.text, place: expr.place, context: self.context };
                let node = self.on_field(&value, test)?;
                (node, test.clone())
            }
            Target::Relation(relation) => self.on_relation(relation, name, test)?,
        };
        let field = Name { place: name.place, text: found.canonical() };
        let node = along(&found, node);
        Some(Part { node, expr: Expr { place: expr.place, kind: ExprKind::Term { field, test } } })
    }

    fn on_field(&mut self, asked: &value::Asked<'_>, test: &syntax::Test) -> Option<Node> {
        let test = match test {
            syntax::Test::OneOf(literals) => self.one_of(asked, literals)?,
            other => self.keep_errors(asked.test(other))?,
        };
        Some(Node::Value { field: asked.field, test })
    }

    /// Checks all members of a list, so that all their errors are told.
    fn one_of(&mut self, asked: &value::Asked<'_>, literals: &[Literal]) -> Option<Test> {
        let mut tests = Vec::with_capacity(literals.len());
        for literal in literals {
            if self.is_full() {
                return None;
            }
            tests.push(self.keep_errors(asked.compared(Comparison::Equal, literal)));
        }
        tests.into_iter().collect::<Option<_>>().map(Test::OneOf)
    }

    /// What is asked of related records, with the text of the question in canonical form.
    fn on_relation(&mut self, relation: Relation, name: &Name, test: &syntax::Test) -> Option<(Node, syntax::Test)> {
        let some = |inner| Node::Related { relation, inner: Box::new(inner) };
        match test {
            syntax::Test::Nested(inner) => {
                let inner = self.expr(relation.to(), inner)?;
                Some((some(inner.node), syntax::Test::Nested(Box::new(inner.expr))))
            }
            syntax::Test::Present => Some((some(Node::Everything), test.clone())),
            syntax::Test::Null => Some((Node::Not(Box::new(some(Node::Everything))), test.clone())),
            syntax::Test::Compare(Comparison::Equal, literal) => Some((some(self.free(literal)?), test.clone())),
            syntax::Test::OneOf(literals) => {
                let texts: Vec<Option<Node>> = literals.iter().map(|literal| self.free(literal)).collect();
                Some((some(Node::Or(texts.into_iter().collect::<Option<_>>()?)), test.clone()))
            }
            syntax::Test::Compare(..) | syntax::Test::Range { .. } => {
                self.fail(lookup::no_number(relation, &name.text).at(name.place));
                None
            }
        }
    }

    fn keep<T>(&mut self, place: syntax::Place, result: Result<T, Flaw>) -> Option<T> {
        self.keep_errors(result.map_err(|flaw| flaw.at(place)))
    }

    fn keep_errors<T>(&mut self, result: Result<T, QueryError>) -> Option<T> {
        result.map_err(|error| self.fail(error)).ok()
    }

    fn fail(&mut self, error: QueryError) {
        if !self.is_full() {
            self.errors.push(error);
        }
    }

    fn is_full(&self) -> bool {
        self.errors.len() >= MOST_ERRORS
    }
}

/// The condition at the end of the relations that a name goes along.
fn along(found: &Found, node: Node) -> Node {
    found.path.iter().rev().fold(node, |inner, &relation| Node::Related { relation, inner: Box::new(inner) })
}
