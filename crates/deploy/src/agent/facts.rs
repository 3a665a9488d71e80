//! What the machine that carries out a manifest is told by the one it runs on, and what it asks of it.

use crate::job::JobKind;
use crate::reason::Failure;
use crate::run::PackageChange;
use fettle_model::ids::RunId;
use fettle_model::rule::BinaryVersion;
use serde::{Deserialize, Serialize};

/// One package as it is on the machine now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Package name.
    pub name: String,
    /// Architecture.
    pub architecture: String,
    /// Version.
    pub version: String,
    /// Marked to be kept at this version.
    pub held: bool,
    /// Unpacked and configured, so that it works.
    pub configured: bool,
}

/// The package manager at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// Who holds the package manager's lock, when somebody does: a process id and name, for the log.
    pub busy: Option<String>,
    /// It was interrupted and wants to be repaired before anything else.
    pub interrupted: bool,
    /// Packages that are neither installed nor removed.
    pub broken: Vec<String>,
    /// All packages whose files are on the machine.
    pub packages: Vec<Present>,
}

/// Space on one file system, against what a patch needs there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Where it is mounted, or the folder that was asked for.
    pub place: String,
    /// Bytes the patch needs, without any reserve.
    pub needed_bytes: u64,
    /// Bytes that are free.
    pub free_bytes: u64,
}

/// One change to the machine: the packages of one patch, all at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The run.
    pub run: RunId,
    /// Which patch of the manifest, from 0.
    pub index: usize,
    /// Which try, from 1. A try is begun at most once: asked again for the same one, the platform finds
    /// out what became of it.
    pub attempt: u32,
    /// Upwards or downwards.
    pub kind: JobKind,
    /// Packages and the versions they are to have afterwards.
    pub packages: Vec<BinaryVersion>,
}

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The installer ran to its end and reported success.
    Done,
    /// The installer ran to its end, or was stopped, and it did not work.
    Failed(Failure),
    /// The installer was cut off (power, kill): only the packages tell what it achieved.
    Lost {
        /// The end of what it wrote.
        log: String,
    },
}

/// What became of an [`Order`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// How it ended.
    pub ending: Ending,
    /// What is different on the machine since just before the order: also packages that came along.
    pub changes: Vec<PackageChange>,
    /// The packages on the machine now.
    pub packages: Vec<Present>,
}
