//! Runs: statuses of assets and patches, and which may follow which.

mod machine;

pub use machine::{AssetRun, FindingState, Outcome, PatchRun, Refused};

use crate::reason::Failure;
use fettle_model::ids::PatchId;
use serde::{Deserialize, Serialize};

fettle_model::text_enum! {
    /// Where an asset is in a run.
    pub enum AssetRunStatus {
        /// Planned; the agent has not fetched its manifest.
        Pending = "pending",
        /// The agent holds the manifest.
        Received = "received",
        /// The agent is fetching packages.
        Downloading = "downloading",
        /// Everything is fetched.
        Downloaded = "downloaded",
        /// A user put it off.
        Deferred = "deferred",
        /// Another job must end first.
        Blocked = "blocked",
        /// Patches are being installed or removed.
        Running = "running",
        /// Waits for a restart.
        PendingReboot = "pending_reboot",
        /// Restarting.
        Rebooting = "rebooting",
        /// Done on the asset; the scan that proves it is outstanding.
        Verifying = "verifying",
        /// Every patch is installed (removed), or needed nothing.
        Succeeded = "succeeded",
        /// Some patches failed.
        PartlySucceeded = "partly_succeeded",
        /// Nothing succeeded.
        Failed = "failed",
        /// There was nothing to do.
        NothingToDo = "nothing_to_do",
        /// The window closed before the asset began.
        TimedOut = "timed_out",
        /// Stopped by a person before it began.
        Cancelled = "cancelled",
        /// No licence.
        NotLicensed = "not_licensed",
        /// The agent was not heard from any more.
        AgentLost = "agent_lost",
    }
}

fettle_model::text_enum! {
    /// Where a patch on an asset is in a run.
    pub enum PatchRunStatus {
        /// Planned.
        Pending = "pending",
        /// Being fetched.
        Downloading = "downloading",
        /// Being installed or removed.
        Installing = "installing",
        /// Installed, and the scan afterwards shows it.
        Installed = "installed",
        /// Installed, takes effect after a restart.
        PendingReboot = "pending_reboot",
        /// Failed; the reason is kept.
        Failed = "failed",
        /// A newer patch replaces it; nothing was done.
        Superseded = "superseded",
        /// Does not apply to the asset; nothing was done.
        NotApplicable = "not_applicable",
        /// Not tried, because an earlier patch failed.
        Skipped = "skipped",
        /// Taken back, and the scan afterwards shows it gone.
        Removed = "removed",
        /// Done on the asset; the scan that proves it is outstanding. The best an agent can say of itself.
        Verifying = "verifying",
    }
}

impl AssetRunStatus {
    /// Whether nothing more happens by itself. An ending the server presumed ([`Self::Cancelled`],
    /// [`Self::TimedOut`], [`Self::AgentLost`]) gives way when the agent tells that it had begun after all.
    #[must_use]
    pub fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Succeeded
                | Self::PartlySucceeded
                | Self::Failed
                | Self::NothingToDo
                | Self::TimedOut
                | Self::Cancelled
                | Self::NotLicensed
                | Self::AgentLost
        )
    }

    /// Whether the machine may have been changed already: work begun is finished, not cancelled.
    #[must_use]
    pub fn has_begun(self) -> bool {
        matches!(self, Self::Running | Self::PendingReboot | Self::Rebooting | Self::Verifying)
    }
}

impl PatchRunStatus {
    /// Whether nothing more happens.
    #[must_use]
    pub fn is_ended(self) -> bool {
        match self {
            Self::Pending | Self::Downloading | Self::Installing | Self::PendingReboot | Self::Verifying => false,
            Self::Installed | Self::Failed | Self::Superseded | Self::NotApplicable | Self::Skipped | Self::Removed => true,
        }
    }
}

/// A package's version before and after, as the agent saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageChange {
    /// Package name.
    pub name: String,
    /// Architecture.
    pub architecture: String,
    /// Version before.
    pub from: String,
    /// Version after.
    pub to: String,
}

/// One thing an agent reports about its part of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// The asset as a whole moved on.
    Asset {
        /// Where it is now.
        status: AssetRunStatus,
        /// Why, when it ended badly.
        failure: Option<Failure>,
    },
    /// One patch moved on.
    Patch {
        /// Which.
        patch: PatchId,
        /// Where it is now.
        status: PatchRunStatus,
        /// Why, when it failed.
        failure: Option<Failure>,
        /// What changed on the machine so far.
        changes: Vec<PackageChange>,
    },
}
