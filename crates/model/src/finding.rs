//! Findings: what assessment decided for one asset.

use crate::ids::PatchNo;
use crate::patch::Severity;
use serde::{Deserialize, Serialize};

crate::text_enum! {
    /// What an asset is to a patch that applies to it. A patch that does not apply makes no finding.
    pub enum FindingStatus {
        /// The patch applies and is not there.
        Missing = "missing",
        /// The patch, or one that satisfies the same rule, is there.
        Installed = "installed",
    }
}

/// All findings of one asset: one compact row, not a row per pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Patches the asset misses, ascending. Superseded ones are included.
    pub missing: Vec<PatchNo>,
    /// Patches the asset has, ascending.
    pub installed: Vec<PatchNo>,
}

/// Counters derived from [`Findings`] and the catalog they were made with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Missing patches, superseded ones included.
    pub missing: u32,
    /// Of `missing`, by vendor severity; places as in [`Severity::ALL`].
    pub missing_by_severity: [u32; 5],
    /// Of `missing`, those that fix vulnerabilities.
    pub missing_security: u32,
    /// Missing patches that nothing supersedes.
    pub latest_missing: u32,
    /// Of `latest_missing`, those that fix vulnerabilities.
    pub latest_missing_security: u32,
    /// Installed patches, superseded ones included.
    pub installed: u32,
    /// Installed patches that nothing supersedes.
    pub latest_installed: u32,
    /// Sum of [`Patch::risk_weight`](crate::patch::Patch::risk_weight) over missing patches that nothing supersedes.
    pub risk: u32,
}

impl FindingCounts {
    /// Missing patches of this vendor severity, superseded ones included.
    #[must_use]
    pub fn missing_of(&self, severity: Severity) -> u32 {
        let [none, low, moderate, important, critical] = self.missing_by_severity;
        match severity {
            Severity::None => none,
            Severity::Low => low,
            Severity::Moderate => moderate,
            Severity::Important => important,
            Severity::Critical => critical,
        }
    }

    /// The share of applicable patches that are installed, in per cent, of those that nothing supersedes.
    /// `None` when none applies.
    #[must_use]
    pub fn compliance(&self) -> Option<f64> {
        let applicable = u64::from(self.latest_installed) + u64::from(self.latest_missing);
        (applicable > 0).then(|| f64::from(self.latest_installed) * 100.0 / f64::from(u32::try_from(applicable).unwrap_or(u32::MAX)))
    }
}
