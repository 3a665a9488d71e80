//! Which patches a segment has findings of, each with a small number of its own.

use fettle_model::ids::PatchNo;
use std::collections::BTreeMap;

/// Numbers below this are looked up in a table of four bytes each; catalogs stay far below it.
const DIRECT: u32 = 1 << 20;
/// Stands for "no column".
const NONE: u32 = u32::MAX;

/// Numbers of patches and their columns. Columns are only ever added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    numbers: Vec<PatchNo>,
    direct: Vec<u32>,
    far: BTreeMap<u32, u32>,
    /// Some column has a smaller number than one before it.
    unordered: bool,
}

impl Columns {
    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The column of a patch.
    pub(crate) fn of(&self, no: PatchNo) -> Option<u32> {
        if no.0 < DIRECT {
            let at = usize::try_from(no.0).ok()?;
            return self.direct.get(at).copied().filter(|&column| column != NONE);
        }
        self.far.get(&no.0).copied()
    }

    /// The patch of a column.
    pub(crate) fn number(&self, column: u32) -> Option<PatchNo> {
        self.numbers.get(usize::try_from(column).ok()?).copied()
    }

    /// All patches, by column.
    pub(crate) fn numbers(&self) -> &[PatchNo] {
        &self.numbers
    }

    /// Whether columns ascend as their patches do.
    pub(crate) fn are_ordered(&self) -> bool {
        !self.unordered
    }

    /// The column of a patch, a new one if it has none.
    pub(crate) fn add(&mut self, no: PatchNo) -> u32 {
        if let Some(column) = self.of(no) {
            return column;
        }
        let column = u32::try_from(self.numbers.len()).unwrap_or(NONE);
        self.unordered |= self.numbers.last().is_some_and(|last| *last > no);
        self.numbers.push(no);
        if no.0 < DIRECT {
            let at = usize::try_from(no.0).unwrap_or(0);
            if self.direct.len() <= at {
                self.direct.resize(at + 1, NONE);
            }
            if let Some(slot) = self.direct.get_mut(at) {
                *slot = column;
            }
        } else {
            self.far.insert(no.0, column);
        }
        column
    }
}
