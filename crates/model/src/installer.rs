//! Installers of applications: what an agent fetches and runs.

use crate::digest::Sha256Digest;
use serde::{Deserialize, Serialize};

crate::text_enum! {
    /// What made an installer, which decides how it is asked to be quiet.
    pub enum InstallerKind {
        /// Windows Installer package.
        Msi = "msi",
        /// Windows Installer package made with WiX.
        Wix = "wix",
        /// WiX bundle.
        Burn = "burn",
        /// Inno Setup.
        Inno = "inno",
        /// Nullsoft (NSIS).
        Nullsoft = "nullsoft",
        /// Any other program; only its vendor knows its arguments.
        Exe = "exe",
        /// Package of the application model that came with Windows 10.
        Msix = "msix",
        /// The same from before.
        Appx = "appx",
        /// A program that is copied and not installed.
        Portable = "portable",
        /// A font.
        Font = "font",
        /// A progressive web application.
        Pwa = "pwa",
        /// An archive of which nothing says what is in it.
        Zip = "zip",
        /// A package for dpkg.
        Deb = "deb",
        /// A package for rpm.
        Rpm = "rpm",
    }
}

crate::text_enum! {
    /// For whom an installer installs.
    pub enum InstallerScope {
        /// It does not say.
        Unknown = "unknown",
        /// For the user who runs it.
        User = "user",
        /// For everybody.
        Machine = "machine",
    }
}

/// One installer of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installer {
    /// What made it; for an archive what made the installer in it.
    pub kind: InstallerKind,
    /// `x86`, `x64`, `arm`, `arm64`, or `neutral` for any.
    pub architecture: String,
    /// For whom it installs.
    pub scope: InstallerScope,
    /// Language of the installer, as `en-US`; `None` when it is for all.
    pub locale: Option<String>,
    /// Where it is.
    pub url: String,
    /// Its size in bytes, when that is known.
    pub size: Option<u64>,
    /// Its digest; what has another one is not run.
    pub sha256: Sha256Digest,
    /// Who has to have signed it; `None` when only the digest is checked.
    pub signed_by: Option<String>,
    /// Path of the installer within the archive that `url` names, with slashes; `None` when it is no archive.
    pub file: Option<String>,
    /// Arguments with which it asks nothing.
    pub silent_arguments: String,
    /// Exit codes that mean success, beside 0.
    pub success_codes: Vec<i64>,
    /// Exit codes that mean success once the machine was restarted.
    pub reboot_codes: Vec<i64>,
}
