//! From what apt and dpkg wrote to a reason. Exit codes do not tell why, so the lines apt marks as errors are
//! looked through, in the C locale, for the words its sources have used for many years.

use fettle_deploy::reason::{Failure, FailureReason};

/// Words and what they mean; the first that is found counts, so the weightier come first.
const WORDS: [(&str, FailureReason); 24] = [
    ("Hash Sum mismatch", FailureReason::HashMismatch),
    ("File has unexpected size", FailureReason::HashMismatch),
    ("Hashes of expected file", FailureReason::HashMismatch),
    ("NO_PUBKEY", FailureReason::SignatureInvalid),
    ("BADSIG", FailureReason::SignatureInvalid),
    ("EXPKEYSIG", FailureReason::SignatureInvalid),
    ("REVKEYSIG", FailureReason::SignatureInvalid),
    ("signatures were invalid", FailureReason::SignatureInvalid),
    ("signatures couldn't be verified", FailureReason::SignatureInvalid),
    ("is not signed", FailureReason::SignatureInvalid),
    ("is no longer signed", FailureReason::SignatureInvalid),
    ("unauthenticated packages", FailureReason::SignatureInvalid),
    ("Clearsigned file isn't valid", FailureReason::SignatureInvalid),
    ("enough free space", FailureReason::NotEnoughDisk),
    ("No space left on device", FailureReason::NotEnoughDisk),
    ("Could not get lock", FailureReason::InstallerBusy),
    ("Unable to acquire the dpkg frontend lock", FailureReason::InstallerBusy),
    ("dpkg was interrupted", FailureReason::PackageManagerBroken),
    ("Held packages were changed", FailureReason::PackagesHeld),
    ("unmet dependencies", FailureReason::PrerequisiteMissing),
    ("held broken packages", FailureReason::PrerequisiteMissing),
    ("Packages need to be removed", FailureReason::PrerequisiteMissing),
    ("was not found", FailureReason::DownloadFailed),
    ("Failed to fetch", FailureReason::DownloadFailed),
];

/// A failure of apt or dpkg; `otherwise` when its errors name no known reason.
pub(super) fn failure(code: Option<i32>, log: &str, otherwise: FailureReason) -> Failure {
    let is_error = |line: &&str| {
        let line = line.trim_start();
        ["E:", "W:", "Err:", "Error:", "Warning:", "dpkg: error", "dpkg-deb: error", "cannot copy extracted data"]
            .iter()
            .any(|mark| line.starts_with(mark))
    };
    let errors: Vec<&str> = log.lines().filter(is_error).collect();
    // apt explains dependencies in plain lines; only its own resolver writes them before the first error.
    let said = |words: &str| errors.iter().any(|line| line.contains(words)) || (words == "unmet dependencies" && log.contains(words));
    let reason = WORDS.iter().find(|(words, _)| said(words)).map_or(otherwise, |(_, reason)| *reason);
    Failure::new(reason, code, log)
}

/// Whether apt did not know the package at all. It knew it when the work was planned, so most likely its lists were
/// being replaced at that moment; nothing was changed.
pub(super) fn lists_were_away(failure: &Failure) -> bool {
    failure.log.lines().any(|line| line.starts_with("E: Unable to locate package "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("E: Failed to fetch http://mirror.example/a.deb  Hash Sum mismatch\n   Hashes of expected file:", FailureReason::HashMismatch)]
    #[case(
        "W: GPG error: http://mirror.example x InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 0\nE: The repository 'http://mirror.example x InRelease' is not signed.",
        FailureReason::SignatureInvalid
    )]
    #[case("E: You don't have enough free space in /var/cache/apt/archives/.", FailureReason::NotEnoughDisk)]
    #[case(
        "dpkg: error processing archive a.deb (--unpack):\n cannot copy extracted data for './a' to '/a.dpkg-new': failed to write (No space left on device)",
        FailureReason::NotEnoughDisk
    )]
    #[case("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12 (apt)", FailureReason::InstallerBusy)]
    #[case(
        "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
        FailureReason::PackageManagerBroken
    )]
    #[case("E: Version '2' for 'a' was not found", FailureReason::DownloadFailed)]
    #[case(
        "The following packages have unmet dependencies:\n a : Depends: b (>= 2)\nE: Unable to correct problems, you have held broken packages.",
        FailureReason::PrerequisiteMissing
    )]
    #[case("E: Held packages were changed and -y was used without --allow-change-held-packages.", FailureReason::PackagesHeld)]
    #[case("Setting up a (2) ...\nE: Sub-process /usr/bin/dpkg returned an error code (1)", FailureReason::InstallerFailed)]
    #[case(
        "a maintainer script says: Hash Sum mismatch\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
        FailureReason::InstallerFailed
    )]
    fn reasons(#[case] log: &str, #[case] reason: FailureReason) {
        assert_eq!(failure(Some(100), log, FailureReason::InstallerFailed).reason, reason);
    }
}
