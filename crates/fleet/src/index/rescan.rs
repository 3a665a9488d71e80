//! What another scan changes in the rows of a segment.
//!
//! Both scans are laid out as bits, one for each column: what they differ in is then found sixty-four columns at a
//! time, and only that is moved. Planes are not touched here; what has to be moved in them waits ([`super::pending`]).

use super::classes::{Classes, Tally};
use super::found::{self, Found, MOST_COLUMNS};
use super::segment::Segment;
use super::unions::Changed;
use crate::catalog::Catalog;
use crate::patches::PatchSet;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::PatchNo;
use std::sync::Arc;

const WORD: u32 = u64::BITS;

/// Room for the findings of one row as bits: of the scan before and of the new one. Kept for the next row.
#[derive(Debug, Default)]
pub(crate) struct Scans {
    old: Row,
    new: Row,
    /// All patches of the new scan have columns.
    are_known: bool,
    /// The row as bytes.
    bytes: Vec<u8>,
}

/// Findings of one row, a bit for each column.
#[derive(Debug, Default, PartialEq, Eq)]
struct Row {
    missing: Vec<u64>,
    installed: Vec<u64>,
}

impl Row {
    fn clear(&mut self, columns: u32) {
        for words in [&mut self.missing, &mut self.installed] {
            words.clear();
            words.resize(columns.div_ceil(WORD) as usize, 0);
        }
    }

    fn of(&self, status: FindingStatus) -> &[u64] {
        match status {
            FindingStatus::Missing => &self.missing,
            FindingStatus::Installed => &self.installed,
        }
    }

    fn is_empty(&self) -> bool {
        self.missing.iter().chain(&self.installed).all(|&word| word == 0)
    }
}

/// What a row lost and got in one status.
struct Moved {
    gone: Vec<u32>,
    come: Vec<u32>,
}

impl Segment {
    /// Whether a row has these findings, as most scans find what the one before did. Leaves both laid out for
    /// [`Segment::set_findings`].
    pub(crate) fn has_findings(&self, row: u16, findings: &Findings, scans: &mut Scans) -> bool {
        let Scans { old, new, are_known, .. } = scans;
        *are_known = self.lay_out(findings, new);
        old.clear(self.width());
        if found::read_words(self.found.get(row), self.width(), &mut old.missing, &mut old.installed).is_none() {
            // Only this crate writes them, so they can be read.
            old.clear(self.width());
        }
        *are_known && old == new
    }

    /// Replaces the findings of a row by those of which [`Segment::has_findings`] said that it has them not; says whether
    /// anything changed.
    pub(crate) fn set_findings(&mut self, row: u16, findings: &Findings, catalog: &Catalog, scans: &mut Scans) -> bool {
        if !scans.are_known {
            for &no in findings.missing.iter().chain(&findings.installed) {
                if self.columns.of(no).is_none() {
                    self.add_column(no, catalog);
                }
            }
            self.has_findings(row, findings, scans);
        }
        let Scans { old, new, bytes, .. } = scans;
        let mut is_changed = false;
        let mut tally = self.numbers.tally(row);
        // A counter at its end has lost what lies beyond.
        let is_exact = tally.counts.iter().all(|&count| count < u32::from(u16::MAX));
        for status in [FindingStatus::Missing, FindingStatus::Installed] {
            let moved = Moved::between(old.of(status), new.of(status));
            if !(moved.gone.is_empty() && moved.come.is_empty()) {
                self.shift(row, status, &moved, new.of(status), &mut tally);
                is_changed = true;
            }
        }
        if !is_changed {
            return false;
        }
        bytes.clear();
        if !new.is_empty() {
            found::write(bytes, &new.missing, &new.installed);
        }
        self.found.put(row, bytes);
        if !is_exact {
            let mut found = Found::default();
            self.read_found(row, &mut found);
            tally = self.counted(&found);
        }
        self.numbers.set_tally(row, &tally);
        true
    }

    /// Lays findings out as bits. Says whether all patches have columns.
    fn lay_out(&self, findings: &Findings, row: &mut Row) -> bool {
        row.clear(self.width());
        let mut are_all_known = true;
        for (words, list) in [(&mut row.missing, &findings.missing), (&mut row.installed, &findings.installed)] {
            for &no in list {
                let Some(column) = self.columns.of(no) else {
                    are_all_known = false;
                    continue;
                };
                if let Some(word) = words.get_mut((column / WORD) as usize).filter(|_| column < MOST_COLUMNS) {
                    *word |= 1 << (column % WORD);
                }
            }
        }
        are_all_known
    }

    /// Moves a row in planes, counters, classes and kept answers.
    fn shift(&mut self, row: u16, status: FindingStatus, moved: &Moved, now: &[u64], tally: &mut Tally) {
        for (columns, is_in) in [(&moved.gone, false), (&moved.come, true)] {
            for &column in columns {
                self.pending.push(column, status, row, is_in);
                self.count(tally, column, status, if is_in { 1 } else { -1 });
            }
        }
        self.set_classes(row, status, moved, now);
        let Self { columns, unions, .. } = self;
        let numbers = |list: &[u32]| list.iter().filter_map(|&column| columns.number(column)).collect::<Vec<PatchNo>>();
        let (gone, come) = (numbers(&moved.gone), numbers(&moved.come));
        let any_left = |set: &PatchSet| columns_of(now).filter_map(|column| columns.number(column)).any(|no| set.contains(no));
        unions.change(row, status, Changed { gone: &gone, come: &come }, any_left);
    }

    fn set_classes(&mut self, row: u16, status: FindingStatus, moved: &Moved, now: &[u64]) {
        let shown = |column: u32| self.weight(column).map_or(0, |weight| weight.shown());
        let all = |columns: &[u32]| columns.iter().fold(0, |all: Classes, &column| all | shown(column));
        let (gone, come) = (all(&moved.gone), all(&moved.come));
        let planes = self.classes.get(status as usize).into_iter().flatten();
        let before: Classes = (0..)
            .zip(planes)
            .filter(|(at, _)| (gone | come) >> at & 1 == 1)
            .fold(0, |all, (at, plane): (u32, _)| all | Classes::from(plane.contains(row)) << at);
        // Of what left, another patch may be there still; mostly one of the first that are looked at.
        let at_risk = gone & !come & before;
        let mut kept: Classes = 0;
        let mut columns = columns_of(now);
        while kept != at_risk
            && let Some(column) = columns.next()
        {
            kept |= shown(column) & at_risk;
        }
        let changed = (before | come) & !(at_risk & !kept) ^ before;
        if changed == 0 {
            return;
        }
        let planes = Arc::make_mut(&mut self.classes).get_mut(status as usize).into_iter().flatten();
        for (_, plane) in (0_u32..).zip(planes).filter(|(at, _)| changed >> at & 1 == 1) {
            plane.put(row, !plane.contains(row));
        }
    }
}

impl Moved {
    fn between(old: &[u64], new: &[u64]) -> Self {
        let mut moved = Self { gone: Vec::new(), come: Vec::new() };
        for (at, (old, new)) in (0_u32..).zip(old.iter().zip(new)) {
            if old != new {
                moved.gone.extend(columns_of_word(at, old & !new));
                moved.come.extend(columns_of_word(at, new & !old));
            }
        }
        moved
    }
}

fn columns_of(words: &[u64]) -> impl Iterator<Item = u32> {
    (0_u32..).zip(words).flat_map(|(at, &word)| columns_of_word(at, word))
}

fn columns_of_word(at: u32, word: u64) -> impl Iterator<Item = u32> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let column = (rest != 0).then(|| WORD * at + rest.trailing_zeros())?;
        rest &= rest - 1;
        Some(column)
    })
}
