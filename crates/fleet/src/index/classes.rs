//! What counters and ready-made planes ask of every finding.

use crate::catalog::Catalog;
use crate::patches::PatchSet;
use fettle_model::finding::FindingCounts;
use fettle_model::ids::PatchNo;
use fettle_model::patch::Severity;
use std::sync::Arc;

/// Kinds of patches for which each segment keeps the set of rows that miss (have) one, as bits.
///
/// Bits 0 to 4: by vendor severity. Bits 5 to 9: the same of those that nothing supersedes.
pub(crate) type Classes = u16;

/// Fixes vulnerabilities.
pub(crate) const SECURITY: Classes = 1 << 10;
/// Fixes something known to be exploited.
pub(crate) const EXPLOITED: Classes = 1 << 11;
/// Any patch of the catalog.
pub(crate) const ANY: Classes = 1 << 12;
/// Nothing supersedes it.
pub(crate) const LATEST: Classes = 1 << 13;
/// Fixes vulnerabilities, and nothing supersedes it.
pub(crate) const LATEST_SECURITY: Classes = 1 << 14;
/// How many classes there are.
pub(crate) const CLASSES: usize = 15;

/// The class of a severity.
pub(crate) fn of_severity(severity: Severity) -> Classes {
    1 << severity as u16
}

/// The class of a severity among those that nothing supersedes.
pub(crate) fn of_latest_severity(severity: Severity) -> Classes {
    1 << (5 + severity as u16)
}

/// What a finding of a patch counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight {
    /// Its classes.
    pub(crate) classes: Classes,
    /// Whether the catalog knows it. Others count, but no query finds them.
    pub(crate) is_known: bool,
    /// What missing it adds to the risk of an asset; zero when superseded.
    pub(crate) risk: u8,
}

impl Weight {
    /// The weight of a patch.
    pub(crate) fn of(catalog: &Catalog, no: PatchNo) -> Self {
        let facts = catalog.facts(no);
        let mut classes = ANY | of_severity(facts.severity);
        let mut add = |is: bool, class: Classes| classes |= if is { class } else { 0 };
        add(facts.security, SECURITY);
        add(facts.exploited, EXPLOITED);
        add(!facts.superseded, LATEST | of_latest_severity(facts.severity));
        add(!facts.superseded && facts.security, LATEST_SECURITY);
        let risk = if facts.superseded { 0 } else { u8::try_from(facts.weight).unwrap_or(u8::MAX) };
        Self { classes, is_known: catalog.get(no).is_some(), risk }
    }

    /// The classes that queries see.
    pub(crate) fn shown(self) -> Classes {
        if self.is_known { self.classes } else { 0 }
    }

    fn has(self, class: Classes) -> u32 {
        u32::from(self.classes & class != 0)
    }
}

/// Columns of counters, by place.
pub(crate) const MISSING: usize = 0;
/// Missing by severity: five columns from here.
pub(crate) const MISSING_BY_SEVERITY: usize = 1;
pub(crate) const MISSING_SECURITY: usize = 6;
pub(crate) const LATEST_MISSING: usize = 7;
pub(crate) const LATEST_MISSING_SECURITY: usize = 8;
pub(crate) const INSTALLED: usize = 9;
pub(crate) const LATEST_INSTALLED: usize = 10;
/// How many columns there are.
pub(crate) const COUNTS: usize = 11;

/// The counters of one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) counts: [u32; COUNTS],
    pub(crate) risk: u32,
}

impl Tally {
    /// Counts a missing patch in (`by` = 1) or out (`by` = -1).
    pub(crate) fn count_missing(&mut self, weight: Weight, by: i32) {
        let severity = (weight.classes & 0b1_1111).trailing_zeros() as usize;
        let mut add = |at: usize, many: u32| {
            if let Some(count) = self.counts.get_mut(at).filter(|_| many > 0) {
                *count = count.saturating_add_signed(by);
            }
        };
        add(MISSING, 1);
        add(MISSING_BY_SEVERITY + severity, 1);
        add(MISSING_SECURITY, weight.has(SECURITY));
        add(LATEST_MISSING, weight.has(LATEST));
        add(LATEST_MISSING_SECURITY, weight.has(LATEST_SECURITY));
        self.risk = self.risk.saturating_add_signed(by * i32::from(weight.risk));
    }

    /// Counts an installed patch in or out.
    pub(crate) fn count_installed(&mut self, weight: Weight, by: i32) {
        for (at, many) in [(INSTALLED, 1), (LATEST_INSTALLED, weight.has(LATEST))] {
            if let Some(count) = self.counts.get_mut(at).filter(|_| many > 0) {
                *count = count.saturating_add_signed(by);
            }
        }
    }

    /// The form that people see.
    pub(crate) fn to_counts(self) -> FindingCounts {
        let [
            missing,
            none,
            low,
            moderate,
            important,
            critical,
            missing_security,
            latest_missing,
            latest_missing_security,
            installed,
            latest_installed,
        ] = self.counts;
        FindingCounts {
            missing,
            missing_by_severity: [none, low, moderate, important, critical],
            missing_security,
            latest_missing,
            latest_missing_security,
            installed,
            latest_installed,
            risk: self.risk,
        }
    }
}

/// The members of each class, by place of its bit.
pub(crate) fn class_sets(catalog: &Catalog) -> Vec<Arc<PatchSet>> {
    let those = |class: Classes| {
        let members = catalog.entries().map(|entry| entry.no).filter(|&no| Weight::of(catalog, no).classes & class != 0);
        catalog.set_of(members)
    };
    (0..CLASSES).map(|bit| those(1 << bit)).collect()
}
