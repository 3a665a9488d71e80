//! Ranges of numbers, and reading them out of columns.

use crate::index::among::{self, Bits};
use crate::index::classes::{
    INSTALLED, LATEST_INSTALLED, LATEST_MISSING, LATEST_MISSING_SECURITY, MISSING, MISSING_BY_SEVERITY, MISSING_SECURITY,
};
use crate::index::numbers::{BLOCK, Block, NEVER, UNKNOWN_SIZE, moment};
use crate::index::seen::Seen;
use fettle_model::patch::Severity;
use fettle_query::Between;
use fettle_query::registry::{AssetField, Evidence};
use jiff::Timestamp;
use std::ops::Bound;

/// A column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// A counter of findings.
    Count(usize),
    Risk,
    Compliance,
    LastScan,
    Created,
    Seen,
    Memory,
    DiskFree,
    Cores,
}

impl Column {
    /// The column of a field.
    pub(crate) fn of(field: AssetField) -> Option<Self> {
        use AssetField as F;
        let severity = |severity: Severity| Self::Count(MISSING_BY_SEVERITY + severity as usize);
        Some(match field {
            F::MissingCount => Self::Count(MISSING),
            F::MissingCritical => severity(Severity::Critical),
            F::MissingImportant => severity(Severity::Important),
            F::MissingModerate => severity(Severity::Moderate),
            F::MissingLow => severity(Severity::Low),
            F::MissingNone => severity(Severity::None),
            F::MissingSecurity => Self::Count(MISSING_SECURITY),
            F::LatestMissingCount => Self::Count(LATEST_MISSING),
            F::LatestMissingSecurity => Self::Count(LATEST_MISSING_SECURITY),
            F::InstalledCount => Self::Count(INSTALLED),
            F::Risk => Self::Risk,
            F::Compliance => Self::Compliance,
            F::LastScan => Self::LastScan,
            F::Created | F::Activated => Self::Created,
            F::LastCheckIn => Self::Seen,
            F::Memory => Self::Memory,
            F::DiskFree => Self::DiskFree,
            F::CpuCores => Self::Cores,
            _ => return None,
        })
    }

    /// What missing or old findings say of it.
    pub(crate) fn evidence(self) -> Evidence {
        match self {
            Self::Count(_) | Self::Risk => Evidence::AtLeast,
            Self::Compliance => Evidence::Share,
            _ => Evidence::Fact,
        }
    }

    /// Bytes that reading it takes for each row: what is short is read first.
    pub(crate) fn width(self) -> u8 {
        match self {
            Self::Count(_) => 2,
            Self::Risk | Self::Cores => 4,
            // Four bytes; cells that others write are copied before they are compared.
            Self::Seen => 6,
            Self::LastScan | Self::Created | Self::Memory | Self::DiskFree => 8,
            // Shares are computed.
            Self::Compliance => 64,
        }
    }

    /// The least and the greatest number that is a value; what lies outside stands for none.
    fn limits(self) -> (i64, i64) {
        match self {
            Self::Count(_) | Self::Risk => (0, i64::from(u32::MAX)),
            Self::LastScan | Self::Created | Self::Seen => (NEVER + 1, i64::MAX),
            Self::Memory | Self::Cores => (1, i64::MAX),
            Self::DiskFree => (0, i64::MAX - 1),
            // In units of `COMPLIANCE_UNIT`, see `compliance`.
            Self::Compliance => (0, i64::MAX),
        }
    }
}

/// A range of numbers, both ends included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) column: Column,
    pub(crate) low: i64,
    pub(crate) high: i64,
    /// Nothing is above it.
    pub(crate) is_open: bool,
    /// Asks only whether there is a value.
    pub(crate) is_presence: bool,
}

impl Range {
    /// Whether there is a value.
    pub(crate) fn present(column: Column) -> Self {
        let (low, high) = column.limits();
        Self { column, low, high, is_open: true, is_presence: true }
    }

    /// Numbers between two.
    pub(crate) fn number(column: Column, between: &Between<f64>) -> Self {
        if column == Column::Compliance {
            return Self::clipped(column, ordered_low(&between.low), ordered_high(&between.high), between.high == Bound::Unbounded);
        }
        // Conversions saturate, as is right for ends beyond every number; without an order there is nothing between.
        let low = match between.low {
            Bound::Included(low) if !low.is_nan() => low.ceil() as i64,
            Bound::Excluded(low) if !low.is_nan() => (low.floor() as i64).saturating_add(1),
            Bound::Unbounded => i64::MIN,
            _ => i64::MAX,
        };
        let high = match between.high {
            Bound::Included(high) if !high.is_nan() => high.floor() as i64,
            Bound::Excluded(high) if !high.is_nan() => (high.ceil() as i64).saturating_sub(1),
            Bound::Unbounded => i64::MAX,
            _ => i64::MIN,
        };
        Self::clipped(column, low, high, between.high == Bound::Unbounded)
    }

    /// Moments between two.
    pub(crate) fn moment(column: Column, between: &Between<Timestamp>) -> Self {
        let low = match between.low {
            Bound::Included(low) => moment(low),
            Bound::Excluded(low) => moment(low).saturating_add(1),
            Bound::Unbounded => i64::MIN,
        };
        let high = match between.high {
            Bound::Included(high) => moment(high),
            Bound::Excluded(high) => moment(high).saturating_sub(1),
            Bound::Unbounded => i64::MAX,
        };
        Self::clipped(column, low, high, between.high == Bound::Unbounded)
    }

    fn clipped(column: Column, low: i64, high: i64, is_open: bool) -> Self {
        let (least, greatest) = column.limits();
        Self { column, low: low.max(least), high: high.min(greatest), is_open, is_presence: false }
    }

    /// The same, from the least number on: what is not above the range.
    pub(crate) fn not_above(self) -> Self {
        Self { low: self.column.limits().0, ..self }
    }

    /// The rows of a block whose numbers lie in the range, as bits.
    pub(crate) fn scan(&self, block: &Block) -> Bits {
        let (low, high) = (self.low, self.high);
        if low > high {
            return Bits::default();
        }
        let size = |number: i64| u64::try_from(number).unwrap_or(0);
        // Disks of nobody knows what size lie beyond every end.
        let no_more = |number: i64| if number >= i64::MAX - 1 { UNKNOWN_SIZE - 1 } else { size(number) };
        let short = |number: i64| u32::try_from(number).unwrap_or(if number < 0 { 0 } else { u32::MAX });
        match self.column {
            Column::Count(at) => {
                let shorter = |number: i64| u16::try_from(number).unwrap_or(u16::MAX);
                match block.counts.columns.get(at) {
                    Some(column) if low <= i64::from(u16::MAX) => among::u16s(column, shorter(low), shorter(high)),
                    _ => Bits::default(),
                }
            }
            Column::Risk => among::u32s(&block.counts.risk, short(low), short(high)),
            Column::Cores => among::u32s(&block.facts.cores, short(low), short(high)),
            Column::LastScan => among::i64s(&block.facts.last_scan, low, high),
            Column::Created => among::i64s(&block.facts.created, low, high),
            Column::Memory => among::u64s(&block.facts.memory, size(low), if high == i64::MAX { u64::MAX } else { size(high) }),
            Column::DiskFree => among::u64s(&block.facts.disk_free, size(low), no_more(high)),
            Column::Seen => {
                let (low, high) = Seen::between(low, high);
                among::u32s(&block.seen.cells(), low, high)
            }
            Column::Compliance => {
                let mut numbers = [NEVER; BLOCK];
                numbers.iter_mut().enumerate().for_each(|(at, number)| *number = self.column.read(block, at));
                among::i64s(&numbers, low, high)
            }
        }
    }

    /// Whether the number of one row lies in the range.
    pub(crate) fn holds(&self, block: &Block, at: usize) -> bool {
        let number = self.column.read(block, at);
        self.low <= number && number <= self.high
    }
}

impl Column {
    /// The number of one row. Numbers order as values do; none is less than all.
    pub(crate) fn read(self, block: &Block, at: usize) -> i64 {
        let facts = &block.facts;
        let size = |bytes: Option<&u64>| bytes.map_or(0, |&bytes| i64::try_from(bytes).unwrap_or(i64::MAX - 1));
        match self {
            Self::Count(column) => block.counts.columns.get(column).and_then(|column| column.get(at)).map_or(0, |&count| i64::from(count)),
            Self::Risk => block.counts.risk.get(at).map_or(0, |&risk| i64::from(risk)),
            Self::LastScan => facts.last_scan.get(at).copied().unwrap_or(NEVER),
            Self::Created => facts.created.get(at).copied().unwrap_or(NEVER),
            Self::Seen => block.seen.get(at),
            Self::Memory => size(facts.memory.get(at)),
            Self::DiskFree => facts.disk_free.get(at).filter(|&&bytes| bytes != UNKNOWN_SIZE).map_or(-1, |bytes| size(Some(bytes))),
            Self::Cores => facts.cores.get(at).map_or(0, |&cores| i64::from(cores)),
            Self::Compliance => compliance(block, at).map_or(-1, ordered),
        }
    }
}

/// The share of applicable latest patches that are installed, in per cent.
pub(crate) fn compliance(block: &Block, at: usize) -> Option<f64> {
    let read = |column: usize| block.counts.columns.get(column)?.get(at).copied();
    let (installed, missing) = (read(LATEST_INSTALLED)?, read(LATEST_MISSING)?);
    let counts =
        fettle_model::finding::FindingCounts { latest_installed: installed.into(), latest_missing: missing.into(), ..Default::default() };
    counts.compliance()
}

/// A number that is not negative as an integer of the same order.
pub(crate) fn ordered(number: f64) -> i64 {
    i64::try_from(number.max(0.0).to_bits()).unwrap_or(i64::MAX)
}

fn ordered_low(low: &Bound<f64>) -> i64 {
    match *low {
        Bound::Unbounded => 0,
        Bound::Included(low) | Bound::Excluded(low) if low.is_nan() => i64::MAX,
        Bound::Included(low) if low <= 0.0 => 0,
        Bound::Excluded(low) if low < 0.0 => 0,
        Bound::Included(low) => ordered(low),
        Bound::Excluded(low) => ordered(low) + 1,
    }
}

fn ordered_high(high: &Bound<f64>) -> i64 {
    match *high {
        Bound::Unbounded => i64::MAX,
        Bound::Included(high) | Bound::Excluded(high) if high.is_nan() || high < 0.0 => -1,
        Bound::Included(high) => ordered(high),
        Bound::Excluded(high) => ordered(high) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_keep_their_order(a in 0.0..1e9, b in 0.0..1e9) {
            prop_assert_eq!(ordered(a).cmp(&ordered(b)), a.total_cmp(&b));
        }
    }
}
