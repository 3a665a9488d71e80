//! What the counters of an asset ask of every finding.

use fettle_model::patch::{Category, Patch, Severity};

/// The little of a patch that counters are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// How the vendor rates it.
    pub(crate) severity: Severity,
    /// It fixes a vulnerability.
    pub(crate) security: bool,
    /// Something it fixes is known to be exploited.
    pub(crate) exploited: bool,
    /// An enabled patch replaces it.
    pub(crate) superseded: bool,
    /// What missing it adds to the risk of an asset.
    pub(crate) weight: u32,
}

impl Facts {
    /// What a number counts as that the catalog does not know: a plain patch that nothing supersedes.
    pub(crate) const UNKNOWN: Self = Self { severity: Severity::None, security: false, exploited: false, superseded: false, weight: 1 };

    pub(crate) fn of(patch: &Patch, superseded: bool) -> Self {
        Self {
            severity: patch.vendor_severity,
            security: patch.category == Category::Security,
            exploited: patch.scores.kev.is_some(),
            superseded,
            weight: patch.risk_weight(),
        }
    }
}
