//! What a query says, whatever language it is written in.

use fettle_query::syntax::{Comparison, End, Expr, ExprKind, Literal, Quoting, Test};

/// How a value is marked: `word`, `"some words"`, `` `exactly this` ``.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Words,
    Phrase,
    Exact,
}

/// End of a range, and whether it belongs to it; `None` is open.
pub(crate) type Bound = Option<(String, bool)>;

/// A query. The field is empty where none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    /// Parts that are required beside parts that only raise a score.
    Ranked(Vec<Tree>),
    Not(Box<Tree>),
    Value(String, String, Mark),
    Range(String, Bound, Bound),
    Nested(String, Box<Tree>),
}

impl Tree {
    pub(crate) fn word(field: &str, text: &str) -> Self {
        Self::Value(field.to_owned(), text.to_owned(), Mark::Words)
    }

    /// All of these, without an `All` in an `All`; one of them alone is itself.
    pub(crate) fn all(parts: Vec<Tree>) -> Self {
        let flat = parts.into_iter().flat_map(|part| if let Self::All(inner) = part { inner } else { vec![part] });
        Self::one_or(flat.collect(), Self::All)
    }

    /// The same for any of these.
    pub(crate) fn any(parts: Vec<Tree>) -> Self {
        let flat = parts.into_iter().flat_map(|part| if let Self::Any(inner) = part { inner } else { vec![part] });
        Self::one_or(flat.collect(), Self::Any)
    }

    fn one_or(mut parts: Vec<Tree>, join: fn(Vec<Tree>) -> Self) -> Self {
        if parts.len() == 1 { parts.remove(0) } else { join(parts) }
    }

    /// The query with every part changed, innermost first.
    pub(crate) fn changed(self, change: &dyn Fn(Tree) -> Tree) -> Self {
        let each = |parts: Vec<Tree>| parts.into_iter().map(|part| part.changed(change)).collect::<Vec<Tree>>();
        change(match self {
            Self::All(parts) => Self::all(each(parts)),
            Self::Any(parts) => Self::any(each(parts)),
            Self::Ranked(parts) => Self::Ranked(each(parts)),
            Self::Not(part) => Self::Not(Box::new(part.changed(change))),
            Self::Nested(field, part) => Self::Nested(field, Box::new(part.changed(change))),
            leaf => leaf,
        })
    }

    /// Values and ranges in their order, without what joins them.
    pub(crate) fn leaves(&self) -> Vec<&Tree> {
        match self {
            Self::All(parts) | Self::Any(parts) | Self::Ranked(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(part) | Self::Nested(_, part) => part.leaves(),
            leaf => vec![leaf],
        }
    }
}

/// What the product read.
pub(crate) fn ours(expr: &Expr) -> Tree {
    match &expr.kind {
        ExprKind::Everything => Tree::All(Vec::new()),
        ExprKind::And(parts) => Tree::all(parts.iter().map(ours).collect()),
        ExprKind::Or(parts) => Tree::any(parts.iter().map(ours).collect()),
        ExprKind::Not(part) => Tree::Not(Box::new(ours(part))),
        ExprKind::Free(literal) => value("", literal),
        ExprKind::Term { field, test } => term(&field.text, test),
    }
}

fn value(field: &str, literal: &Literal) -> Tree {
    let mark = match literal.quoting {
        Quoting::Bare => Mark::Words,
        Quoting::Phrase => Mark::Phrase,
        Quoting::Exact => Mark::Exact,
    };
    Tree::Value(field.to_owned(), literal.text.clone(), mark)
}

fn term(field: &str, test: &Test) -> Tree {
    let range = |low: Bound, high: Bound| Tree::Range(field.to_owned(), low, high);
    let end = |end: &Option<End>| end.as_ref().map(|end| (end.value.text.clone(), end.included));
    match test {
        Test::Compare(Comparison::Equal, literal) => value(field, literal),
        Test::Compare(Comparison::Less, literal) => range(None, Some((literal.text.clone(), false))),
        Test::Compare(Comparison::LessOrEqual, literal) => range(None, Some((literal.text.clone(), true))),
        Test::Compare(Comparison::Greater, literal) => range(Some((literal.text.clone(), false)), None),
        Test::Compare(Comparison::GreaterOrEqual, literal) => range(Some((literal.text.clone(), true)), None),
        Test::Range { low, high } => range(end(low), end(high)),
        Test::OneOf(values) => Tree::any(values.iter().map(|literal| value(field, literal)).collect()),
        Test::Null => Tree::Not(Box::new(Tree::word(field, "*"))),
        Test::Present => Tree::word(field, "*"),
        Test::Nested(inner) => Tree::Nested(field.to_owned(), Box::new(ours(inner))),
    }
}
