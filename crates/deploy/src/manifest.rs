//! What an agent is told to do: one asset's part of a run, immutable once signed.

use crate::job::JobKind;
use fettle_model::ids::{AssetId, JobId, PatchId, RunId};
use fettle_model::patch::Reboot;
use fettle_model::rule::BinaryVersion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One asset's work in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The asset it is for; an agent refuses any other.
    pub asset: AssetId,
    /// The job.
    pub job: JobId,
    /// The job's name, for messages.
    pub job_name: String,
    /// The run.
    pub run: RunId,
    /// Grows with every manifest the server makes for this asset; an agent refuses one that is not newer
    /// than the last it took, other than the very same.
    pub generation: u64,
    /// Install or uninstall.
    pub kind: JobKind,
    /// Not before this time.
    pub not_before: Timestamp,
    /// The asset must have begun before this time; `None`: no window.
    pub begin_before: Option<Timestamp>,
    /// An agent refuses the manifest from this time on.
    pub expires_at: Timestamp,
    /// Patches, in the order they are to be carried out.
    pub patches: Vec<PlannedPatch>,
    /// Go on with the next patch after a failed one.
    pub continue_on_failure: bool,
}

/// One patch of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPatch {
    /// The patch.
    pub patch: PatchId,
    /// Its title, for messages.
    pub title: String,
    /// Packages and the versions they are to have afterwards: the fixed version when installing, the
    /// earlier one when uninstalling. Only packages that the asset has.
    pub packages: Vec<BinaryVersion>,
    /// Whether it asks for a restart.
    pub reboot: Reboot,
}
