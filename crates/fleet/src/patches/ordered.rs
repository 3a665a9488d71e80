//! A field of numbers or moments, sorted.

use super::bits::Bits;
use fettle_query::Between;
use std::ops::{Bound, Range};

/// Values ascending, each with the place of a patch that has it.
#[derive(Debug)]
pub(crate) struct Ordered<T> {
    sorted: Vec<(T, u32)>,
}

impl<T: PartialOrd + Copy> Ordered<T> {
    /// Of values that compare with each other, which for numbers means that none is "not a number".
    pub(crate) fn of(mut values: Vec<(T, u32)>) -> Self {
        values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        Self { sorted: values }
    }

    /// Which of the sorted values lie in an interval. Intervals that no value tells apart give the same answer,
    /// so that a moment relative to now does not make every question a new one.
    pub(crate) fn span(&self, between: &Between<T>) -> Range<usize> {
        let below = |value: &T| match &between.low {
            Bound::Included(low) => value < low,
            Bound::Excluded(low) => value <= low,
            Bound::Unbounded => false,
        };
        let within = |value: &T| match &between.high {
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
            Bound::Unbounded => true,
        };
        let start = self.sorted.partition_point(|(value, _)| below(value));
        let end = self.sorted.partition_point(|(value, _)| within(value));
        if start < end { start..end } else { 0..0 }
    }

    /// Adds the patches whose values lie in a span.
    pub(crate) fn add(&self, span: Range<usize>, out: &mut Bits) {
        self.sorted.get(span).unwrap_or_default().iter().for_each(|&(_, place)| out.insert(place as usize));
    }

    /// All values, ascending.
    pub(crate) fn sorted(&self) -> &[(T, u32)] {
        &self.sorted
    }
}
