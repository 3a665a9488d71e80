//! Rows whose findings are missing or old.

use super::plane::Plane;
use std::sync::OnceLock;

/// These rows in two forms: every question about findings asks each of its conditions of all of them, and bits are
/// asked faster than a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unknown {
    rows: Plane,
    bits: OnceLock<Plane>,
}

impl Unknown {
    /// These rows.
    pub(crate) fn of(rows: Plane) -> Self {
        Self { rows, bits: OnceLock::new() }
    }

    /// The rows, in the form in which planes are kept.
    pub(crate) fn rows(&self) -> &Plane {
        &self.rows
    }

    /// The rows as bits.
    pub(crate) fn bits(&self) -> &Plane {
        self.bits.get_or_init(|| self.rows.as_bits())
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Puts a row in or takes it out. Says whether anything changed.
    pub(crate) fn put(&mut self, row: u16, is_unknown: bool) -> bool {
        let is_changed = self.rows.contains(row) != is_unknown;
        if is_changed {
            self.rows.put(row, is_unknown);
            self.bits = OnceLock::new();
        }
        is_changed
    }
}
