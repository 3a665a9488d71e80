//! What was written, before anybody asked what it means. Every part knows its place.

/// A part of the query's text, in bytes: `start..end`, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// Place of the whole expression.
    pub place: Place,
    /// What it is.
    pub kind: ExprKind,
}

/// Kinds of expressions. `And` and `Or` hold at least two parts and none of their own kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExprKind {
    /// The empty query: everything.
    Everything,
    /// All parts hold.
    And(Vec<Expr>),
    /// At least one part holds.
    Or(Vec<Expr>),
    /// The part does not hold.
    Not(Box<Expr>),
    /// A text without a field.
    Free(Literal),
    /// A field and what is asked of it.
    Term {
        /// The field's name as written, such as `missing.severity`.
        field: Name,
        /// What is asked.
        test: Test,
    },
}

/// The name of a field as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Where.
    pub place: Place,
    /// The text, case kept.
    pub text: String,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// `field:value`, `field>=value`.
    Compare(Comparison, Literal),
    /// `field:[a .. b]`, `field:(a .. b)`; `None` is an open end, written `*`.
    Range {
        /// Lower end.
        low: Option<End>,
        /// Upper end.
        high: Option<End>,
    },
    /// `field:[A, B]`: one of them; at least one.
    OneOf(Vec<Literal>),
    /// `field is null`.
    Null,
    /// `field is not null`, `field:*`.
    Present,
    /// `field:( … )`: one sub-object that satisfies all.
    Nested(Box<Expr>),
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The value.
    pub value: Literal,
    /// Whether the value itself is in the range: `[` and `]` yes, `(` and `)` no.
    pub included: bool,
}

/// How a value is compared. `:` and `=` are both `Equal`; for texts that means "matches".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// `:` or `=`.
    Equal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// Where, quotes included.
    pub place: Place,
    /// The text without quotes, escapes resolved.
    pub text: String,
    /// How it was quoted, which says how texts match.
    pub quoting: Quoting,
}

/// How a value was quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quoting {
    /// Not at all: all its words, in any order; `*` is a wildcard.
    Bare,
    /// `"…"`: its words adjacent and in order; `*` is a wildcard.
    Phrase,
    /// `` `…` ``: the exact whole value; `*` is a character like others.
    Exact,
}
