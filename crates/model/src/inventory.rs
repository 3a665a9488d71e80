//! What an agent observed on its machine.
//!
//! [`Inventory`] holds what assessment needs and what rarely changes; its digest names it, so that an
//! unchanged machine sends 32 bytes. [`Volatile`] holds what changes all the time and goes with every scan.

use crate::os::OperatingSystem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The part of an observation that assessment is made from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Inventory {
    /// Name of the machine, fully qualified when it knows its domain.
    pub hostname: String,
    /// Operating system.
    pub os: OperatingSystem,
    /// Hardware.
    pub hardware: Hardware,
    /// Network interfaces, by name; loopback is left out.
    pub interfaces: Vec<Interface>,
    /// Installed packages, ordered by name, then architecture.
    pub packages: Vec<Package>,
    /// Kernels.
    pub kernels: Kernels,
    /// Why the machine should be restarted; empty when it need not be.
    pub pending_reboot: Vec<RebootEvidence>,
    /// Whether the package manager can work.
    pub package_manager: PackageManagerHealth,
    /// What there is only on Windows; empty elsewhere. Messages and records carry it beside the rest, so that what was
    /// encoded before there was any still decodes and keeps its digest.
    #[serde(skip)]
    pub windows: WindowsSoftware,
}

/// Software as Windows lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WindowsSoftware {
    /// Installed applications, ordered by name.
    pub applications: Vec<Application>,
    /// Updates that are listed as installed, as `KB5033372`, ordered.
    pub hotfixes: Vec<String>,
    /// Updates that the machine's own update service knows of, ordered by id.
    pub updates: Vec<ReportedUpdate>,
}

impl WindowsSoftware {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.applications.is_empty() && self.hotfixes.is_empty() && self.updates.is_empty()
    }
}

/// One application in the list of installed ones on Windows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Application {
    /// `DisplayName`.
    pub name: String,
    /// `Publisher`.
    pub publisher: String,
    /// `DisplayVersion`; may be empty.
    pub version: String,
    /// Whose list it is in: `x86`, `x64`, `arm64`; empty when that is not known.
    pub architecture: String,
    /// The user it is installed for; empty when for all.
    pub user: String,
    /// Name of its key: for MSI packages the product code.
    pub product_code: String,
    /// Code that all versions of an MSI package share; empty for others.
    pub upgrade_code: String,
}

/// An update that the machine's own update service knows of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReportedUpdate {
    /// The service's id.
    pub id: String,
    /// Whether it is installed; otherwise it is offered.
    pub installed: bool,
}

/// Hardware of a machine. Texts are empty where the machine does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hardware {
    /// Who made it.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Processor model.
    pub cpu: String,
    /// Logical processors.
    pub cpu_cores: u32,
    /// Main memory, in bytes.
    pub memory_bytes: u64,
}

/// One network interface.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interface {
    /// Name, such as `eth0`.
    pub name: String,
    /// Hardware address as `aa:bb:cc:dd:ee:ff`; empty when it has none.
    pub mac: String,
    /// Addresses without prefix length, in text.
    pub addresses: Vec<String>,
}

crate::text_enum! {
    /// How far dpkg got with a package (dpkg-query(1), package states).
    pub enum PackageState {
        /// Unpacked and configured.
        Installed = "installed",
        /// Removed, configuration files left.
        ConfigFiles = "config-files",
        /// Installation was begun and not finished.
        HalfInstalled = "half-installed",
        /// Unpacked, not configured.
        Unpacked = "unpacked",
        /// Configuration was begun and not finished.
        HalfConfigured = "half-configured",
        /// Waits for another package's trigger.
        TriggersAwaited = "triggers-awaited",
        /// Its own triggers have not run.
        TriggersPending = "triggers-pending",
    }
}

impl PackageState {
    /// Whether the package's files are on the machine, so that its version counts.
    #[must_use]
    pub fn counts_as_present(self) -> bool {
        self != Self::ConfigFiles
    }
}

/// One package known to dpkg.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Package {
    /// Binary package name.
    pub name: String,
    /// Architecture: `amd64`, `all`.
    pub architecture: String,
    /// Version of the binary package.
    pub version: String,
    /// Source package it was built from; equal to `name` when dpkg states none.
    pub source: String,
    /// Version of the source package; equal to `version` when dpkg states none.
    pub source_version: String,
    /// How far dpkg got.
    pub state: PackageState,
    /// Marked `hold`: the administrator wants this version kept.
    pub held: bool,
}

/// Kernels running and installed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kernels {
    /// Release of the running kernel (`uname -r`); empty in a container or test root.
    pub running: String,
    /// Releases with an image in `/boot`, oldest first by dpkg version order.
    pub installed: Vec<String>,
}

/// A sign that the machine should be restarted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RebootEvidence {
    /// `/run/reboot-required` exists; the packages that asked, when it names them.
    Requested {
        /// Packages from `/run/reboot-required.pkgs`.
        by: Vec<String>,
    },
    /// A newer kernel of the same flavour is installed than the one that runs.
    NewerKernel {
        /// Release that runs.
        running: String,
        /// Release that would run after a restart.
        installed: String,
    },
}

/// Whether the package manager can work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PackageManagerHealth {
    /// dpkg was interrupted: `dpkg --configure -a` is needed before anything can be installed.
    pub interrupted: bool,
    /// Packages that are neither installed nor removed.
    pub broken: Vec<String>,
}

/// What changes all the time and decides no finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volatile {
    /// People logged on.
    pub logged_on: Vec<LogOn>,
    /// File systems that packages are installed to.
    pub disks: Vec<Disk>,
    /// When the machine was started; `None` when it does not tell.
    pub booted_at: Option<Timestamp>,
}

/// A person logged on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogOn {
    /// User name.
    pub user: String,
    /// Terminal or seat, such as `pts/0` or `tty1`.
    pub terminal: String,
}

/// Space on one file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Where it is mounted.
    pub mount: String,
    /// Size in bytes.
    pub total_bytes: u64,
    /// Free for an unprivileged user, in bytes.
    pub free_bytes: u64,
}
