//! Findings: what assessment decided for one asset.

use crate::ids::PatchNo;
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
    /// Missing patches that nothing supersedes.
    pub latest_missing: u32,
    /// Of `latest_missing`, those that fix vulnerabilities.
    pub latest_missing_security: u32,
    /// Installed patches.
    pub installed: u32,
}
