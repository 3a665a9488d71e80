//! Why something failed: a closed list, each with a sentence for people and what to do about it.

use serde::{Deserialize, Serialize};

fettle_model::text_enum! {
    /// Why a patch on an asset, or the asset's run as a whole, failed.
    pub enum FailureReason {
        /// A package could not be fetched.
        DownloadFailed = "download_failed",
        /// What was fetched is not what the index promised.
        HashMismatch = "hash_mismatch",
        /// A signature did not verify.
        SignatureInvalid = "signature_invalid",
        /// The file system has too little room.
        NotEnoughDisk = "not_enough_disk",
        /// The agent's cache is smaller than the patch.
        CacheTooSmall = "cache_too_small",
        /// The installer or a maintainer script reported an error.
        InstallerFailed = "installer_failed",
        /// The installer did not end in time and was stopped.
        InstallerTimedOut = "installer_timed_out",
        /// Another program holds the package manager's lock.
        InstallerBusy = "installer_busy",
        /// Something the patch needs cannot be installed.
        PrerequisiteMissing = "prerequisite_missing",
        /// The machine must be restarted first.
        RebootPending = "reboot_pending",
        /// The package manager's own state is damaged and could not be repaired.
        PackageManagerBroken = "package_manager_broken",
        /// Packages are marked to be kept as they are.
        PackagesHeld = "packages_held",
        /// The patch no longer applies when the agent looks.
        NotApplicable = "not_applicable",
        /// The installer succeeded and the scan afterwards does not show the patch.
        VerificationFailed = "verification_failed",
        /// An action's script failed.
        ScriptFailed = "script_failed",
        /// The agent itself failed.
        AgentError = "agent_error",
        /// The agent was not heard from any more.
        AgentLost = "agent_lost",
        /// Checks after the job failed and the patch was taken back.
        Undone = "undone",
    }
}

impl FailureReason {
    /// What happened, as a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::DownloadFailed => "A package could not be downloaded.",
            Self::HashMismatch => "A downloaded file is not the one its index promised; it was deleted.",
            Self::SignatureInvalid => "A signature could not be verified; nothing was installed.",
            Self::NotEnoughDisk => "There is not enough free disk space.",
            Self::CacheTooSmall => "The patch is larger than the agent's cache.",
            Self::InstallerFailed => "The installer reported an error.",
            Self::InstallerTimedOut => "The installer did not finish in time and was stopped.",
            Self::InstallerBusy => "Another program is using the package manager.",
            Self::PrerequisiteMissing => "Something this patch depends on cannot be installed.",
            Self::RebootPending => "The machine must be restarted before this patch can be installed.",
            Self::PackageManagerBroken => "The package manager was left in a broken state and could not be repaired.",
            Self::PackagesHeld => "A package is marked to be kept at its version.",
            Self::NotApplicable => "The patch no longer applied when the agent was about to install it.",
            Self::VerificationFailed => "The installer succeeded, but the scan afterwards does not show the patch.",
            Self::ScriptFailed => "A script of the job failed.",
            Self::AgentError => "The agent failed.",
            Self::AgentLost => "The agent was not heard from any more.",
            Self::Undone => "Checks after the job failed, so the patch was taken back.",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::DownloadFailed => {
                "Check that the machine reaches its package sources and that they still carry this version, then retry."
            }
            Self::HashMismatch => "Check for a proxy or mirror that serves damaged or outdated files, then retry.",
            Self::SignatureInvalid => "Check the keys of the machine's package sources and whether a mirror was tampered with.",
            Self::NotEnoughDisk => "Free space on the file system named in the log, then retry.",
            Self::CacheTooSmall => "Raise the cache size in the asset's agent profile.",
            Self::InstallerFailed => "Read the end of the installer's log below.",
            Self::InstallerTimedOut => "Look whether the installer waits for an answer; repair the package, then retry.",
            Self::InstallerBusy => "Wait until the other installation has finished, then retry.",
            Self::PrerequisiteMissing => "Add the package sources that carry the missing packages, or exclude this patch.",
            Self::RebootPending => "Restart the machine, then retry.",
            Self::PackageManagerBroken => "Run `dpkg --configure -a` and `apt-get -f install` on the machine and mend what they report.",
            Self::PackagesHeld => "Run `apt-mark unhold` for the packages named in the log if they should be upgraded.",
            Self::NotApplicable => "Nothing: the next scan shows the current state.",
            Self::VerificationFailed => "Read the log; the package may have been downgraded or removed by something else.",
            Self::ScriptFailed => "Read the script's exit code and output.",
            Self::AgentError => "Read the agent's own log on the machine.",
            Self::AgentLost => "Check that the machine is on and its agent is running.",
            Self::Undone => "Read which check failed; the machine is as it was before.",
        }
    }
}

/// A failure with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Why.
    pub reason: FailureReason,
    /// The installer's own exit code, when one ran to its end.
    pub exit_code: Option<i32>,
    /// The end of the installer's log, at most [`Failure::LOG_LIMIT`] bytes; may be empty.
    pub log: String,
}

impl Failure {
    /// Most bytes of log kept: enough for the last screens of apt, small enough to store one per patch.
    pub const LOG_LIMIT: usize = 8 * 1024;

    /// A failure that keeps the end of `log`.
    #[must_use]
    pub fn new(reason: FailureReason, exit_code: Option<i32>, log: &str) -> Self {
        let mut start = log.len().saturating_sub(Self::LOG_LIMIT);
        while !log.is_char_boundary(start) {
            start += 1;
        }
        Self { reason, exit_code, log: log[start..].to_owned() }
    }
}
