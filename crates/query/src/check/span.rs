//! Values in an order: what one covers, and which interval a comparison with it makes.

use crate::checked::Between;
use crate::syntax::Comparison;
use std::ops::Bound;

/// What a value covers: a point such as `10`, or a stretch such as the day `2026-11-10`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Span<T> {
    /// Itself alone.
    Point(T),
    /// From the first, included, to the second, not included.
    Stretch(T, T),
}

impl<T> Span<T> {
    /// The interval of everything that compares so. After a day means after its end.
    pub(super) fn compared(self, comparison: Comparison) -> Between<T>
    where
        T: Clone,
    {
        let open = || Bound::Unbounded;
        match comparison {
            Comparison::Equal => Between { low: self.clone().low(true), high: self.high(true) },
            Comparison::Less => Between { low: open(), high: self.high(false) },
            Comparison::LessOrEqual => Between { low: open(), high: self.high(true) },
            Comparison::Greater => Between { low: self.low(false), high: open() },
            Comparison::GreaterOrEqual => Between { low: self.low(true), high: open() },
        }
    }

    /// As the lower end of a range.
    pub(super) fn low(self, included: bool) -> Bound<T> {
        match (self, included) {
            (Self::Point(point), true) => Bound::Included(point),
            (Self::Point(point), false) => Bound::Excluded(point),
            (Self::Stretch(start, _), true) => Bound::Included(start),
            (Self::Stretch(_, end), false) => Bound::Included(end),
        }
    }

    /// As the upper end of a range.
    pub(super) fn high(self, included: bool) -> Bound<T> {
        match (self, included) {
            (Self::Point(point), true) => Bound::Included(point),
            (Self::Point(point), false) => Bound::Excluded(point),
            (Self::Stretch(_, end), true) => Bound::Excluded(end),
            (Self::Stretch(start, _), false) => Bound::Excluded(start),
        }
    }
}
