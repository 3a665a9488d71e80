//! What is asked of a field, by the type of its values.

use super::flaw::{Flaw, shown};
use super::span::Span;
use super::{Context, address, closed, moment, number, version};
use crate::checked::{Between, Test};
use crate::error::QueryError;
use crate::registry::{Field, Kind};
use crate::syntax::{self, Comparison, End, Expr, ExprKind, Literal, Place, Quoting};
use crate::text::{PatternFlaw, TextMatch};
use std::ops::Bound;

/// A field that something is asked of.
pub(super) struct Asked<'a> {
    /// The field.
    pub(super) field: &'static Field,
    /// Its name as it was written.
    pub(super) name: &'a str,
    /// Place of the whole term.
    pub(super) place: Place,
    /// What moments are read against.
    pub(super) context: &'a Context,
}

impl Asked<'_> {
    /// What the field's value must pass; lists are taken apart by the caller.
    pub(super) fn test(&self, test: &syntax::Test) -> Result<Test, QueryError> {
        match test {
            syntax::Test::Null => Ok(Test::Null),
            syntax::Test::Present | syntax::Test::Range { low: None, high: None } => Ok(Test::Present),
            syntax::Test::Compare(comparison, literal) => self.compared(*comparison, literal),
            syntax::Test::Range { low, high } => self.range(low.as_ref(), high.as_ref()),
            syntax::Test::OneOf(literals) => {
                literals.iter().map(|literal| self.compared(Comparison::Equal, literal)).collect::<Result<_, _>>().map(Test::OneOf)
            }
            syntax::Test::Nested(inner) => Err(self.no_relation(inner).at(self.place)),
        }
    }

    /// A comparison with one value.
    pub(super) fn compared(&self, comparison: Comparison, literal: &Literal) -> Result<Test, QueryError> {
        if comparison != Comparison::Equal && !self.is_ordered() {
            return Err(self.no_order(Some(literal)).at(self.place));
        }
        let (equal, text) = (comparison == Comparison::Equal, literal.text.as_str());
        let test = match self.field.kind {
            Kind::Text => pattern(literal).map(Test::Text),
            Kind::Flag => closed::read_flag(text).map(Test::Flag),
            Kind::Address => address::read(text).map(Test::Address),
            Kind::Moment if equal && moment::is_relative_instant(text) => Err(no_instant(text)),
            Kind::Number => number::read(text).map(|point| Test::Number(Span::Point(point).compared(comparison))),
            Kind::Size => number::read_size(text).map(|point| Test::Number(Span::Point(point).compared(comparison))),
            Kind::Moment => moment::read(text, self.context).map(|span| Test::Moment(span.compared(comparison))),
            Kind::Version => version::read(literal).map(|span| Test::Version(span.compared(comparison))),
            Kind::Choice { members, .. } => {
                closed::read_choice(text, members).map(|place| Test::Choice(Span::Point(place).compared(comparison)))
            }
        };
        test.map_err(|flaw| flaw.at(literal.place))
    }

    fn range(&self, low: Option<&End>, high: Option<&End>) -> Result<Test, QueryError> {
        if !self.is_ordered() {
            return Err(self.no_order(None).at(self.place));
        }
        match self.field.kind {
            Kind::Number => ends(low, high, |end| number::read(&end.text).map(Span::Point)).map(Test::Number),
            Kind::Size => ends(low, high, |end| number::read_size(&end.text).map(Span::Point)).map(Test::Number),
            Kind::Version => ends(low, high, version::read).map(Test::Version),
            Kind::Choice { members, .. } => {
                ends(low, high, |end| closed::read_choice(&end.text, members).map(Span::Point)).map(Test::Choice)
            }
            // Ends may be relative, so which comes first may change while a saved search lies there: such a
            // range is empty for a while, not wrong.
            Kind::Moment => between(low, high, |end| moment::read(&end.text, self.context)).map(Test::Moment),
            Kind::Text | Kind::Flag | Kind::Address => Err(self.no_order(None).at(self.place)),
        }
    }

    fn is_ordered(&self) -> bool {
        match self.field.kind {
            Kind::Number | Kind::Size | Kind::Moment | Kind::Version => true,
            Kind::Choice { ordered, .. } => ordered,
            Kind::Text | Kind::Flag | Kind::Address => false,
        }
    }

    /// Why `<`, `>` and ranges make no sense here, and what does.
    fn no_order(&self, literal: Option<&Literal>) -> Flaw {
        let (what, instead) = match self.field.kind {
            Kind::Text => ("is text, which has no order", "`:` and a text"),
            Kind::Flag => ("is yes or no, which has no order", "`:` and yes or no"),
            Kind::Address => ("holds addresses, which are asked for by network", "`:` and a network such as 10.0.0.0/24"),
            _ => ("has values in no order", "`:` and a value, or a list such as `:[a, b]`"),
        };
        let suggestion = literal.map(|literal| format!("{}:{}", self.name, crate::print(&free(literal))));
        Flaw::new(format!("{} {what}", shown(self.name)), format!("{instead}, as in `{}`", self.field.example)).suggest(suggestion)
    }

    /// Why a field takes no inner query; where the inner query is a mere choice of values, the list that it means.
    fn no_relation(&self, inner: &Expr) -> Flaw {
        let list = alternatives(inner).map(|literals| {
            let one_of = syntax::Test::OneOf(literals.into_iter().cloned().collect());
            let field = syntax::Name { place: Place::default(), text: self.name.to_owned() };
            crate::print(&Expr { place: Place::default(), kind: ExprKind::Term { field, test: one_of } })
        });
        let message = format!("{} is a field and takes no query in parentheses", shown(self.name));
        Flaw::new(message, format!("a value, as in `{}`, or a list such as `{}:[a, b]`", self.field.example, self.name)).suggest(list)
    }
}

/// A text as what texts are matched with.
pub(super) fn pattern(literal: &Literal) -> Result<TextMatch, Flaw> {
    TextMatch::parse(literal).map_err(|flaw| {
        let expected = match flaw {
            PatternFlaw::NoWords => "a word to look for, or the exact whole value between backquotes",
            PatternFlaw::TooManyWildcards | PatternFlaw::TooManyWords => "a shorter text; a list such as [a, b] looks for several",
        };
        let exact = (flaw == PatternFlaw::NoWords && !literal.text.trim().is_empty())
            .then(|| crate::print(&free(&Literal { quoting: Quoting::Exact, ..literal.clone() })));
        Flaw::new(format!("{} cannot be looked for: {flaw}", shown(&literal.text)), expected).suggest(exact)
    })
}

fn free(literal: &Literal) -> Expr {
    Expr { place: literal.place, kind: ExprKind::Free(literal.clone()) }
}

/// The values of `(a or b)`.
fn alternatives(inner: &Expr) -> Option<Vec<&Literal>> {
    let literal = |expr: &'_ Expr| matches!(expr.kind, ExprKind::Free(_));
    match &inner.kind {
        ExprKind::Free(one) => Some(vec![one]),
        ExprKind::Or(parts) if parts.iter().all(literal) => Some(
            parts
                .iter()
                .filter_map(|part| match &part.kind {
                    ExprKind::Free(literal) => Some(literal),
                    _ => None,
                })
                .collect(),
        ),
        _ => None,
    }
}

fn no_instant(text: &str) -> Flaw {
    Flaw::new(
        format!("nothing happens at the very instant {}", shown(text)),
        "a comparison such as `>now-3d`, a range such as `[now-3d .. now]`, or a day such as `today-3d`",
    )
    .suggest(moment::as_day(text))
}

/// An interval between two ends. Ends the wrong way round are refused, as nothing lies between them.
fn ends<T: PartialOrd + Clone>(
    low: Option<&End>,
    high: Option<&End>,
    read: impl Fn(&Literal) -> Result<Span<T>, Flaw>,
) -> Result<Between<T>, QueryError> {
    let interval = between(low, high, read)?;
    if let (Bound::Included(bottom) | Bound::Excluded(bottom), Bound::Included(top) | Bound::Excluded(top)) =
        (&interval.low, &interval.high)
        && bottom > top
        && let (Some(low), Some(high)) = (low, high)
    {
        let place = Place { start: low.value.place.start, end: high.value.place.end };
        let turned = format!("{} .. {}", crate::print(&free(&high.value)), crate::print(&free(&low.value)));
        return Err(Flaw::new("nothing lies in this range: its ends are the wrong way round", "the lower end first")
            .suggest(turned)
            .at(place));
    }
    Ok(interval)
}

fn between<T: Clone>(
    low: Option<&End>,
    high: Option<&End>,
    read: impl Fn(&Literal) -> Result<Span<T>, Flaw>,
) -> Result<Between<T>, QueryError> {
    let span = |end: &End| read(&end.value).map_err(|flaw| flaw.at(end.value.place));
    let low = low.map(|end| Ok(span(end)?.low(end.included))).transpose()?.unwrap_or(Bound::Unbounded);
    let high = high.map(|end| Ok(span(end)?.high(end.included))).transpose()?.unwrap_or(Bound::Unbounded);
    Ok(Between { low, high })
}
