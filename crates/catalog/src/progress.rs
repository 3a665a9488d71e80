//! What a sync tells while it works.

/// Receives what a sync is doing: a few dozen calls for a distribution's archive. Must not block.
pub trait Progress: Send + Sync {
    /// A step begins or went on.
    fn report(&self, step: &Step);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn report(&self, _: &Step) {}
}

/// One step of a sync. Its text is one line for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Asking whether something changed.
    Asking {
        /// What is asked about, such as `bookworm-security`.
        what: String,
    },
    /// Fetching a file.
    Downloading {
        /// The file, such as `bookworm main amd64`.
        what: String,
        /// Bytes so far.
        received: u64,
        /// Bytes in all, when known.
        total: Option<u64>,
    },
    /// Checking and reading a file.
    Reading {
        /// The file, such as `bookworm main amd64`.
        what: String,
    },
    /// Making patches of what was read.
    Merging {
        /// Binary packages read.
        packages: usize,
        /// Advisories read.
        advisories: usize,
    },
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asking { what } => write!(f, "asking for {what}"),
            Self::Downloading { what, received, total: Some(total) } => {
                write!(f, "downloading {what}: {} of {} KiB", received / 1024, total / 1024)
            }
            Self::Downloading { what, received, total: None } => write!(f, "downloading {what}: {} KiB", received / 1024),
            Self::Reading { what } => write!(f, "reading {what}"),
            Self::Merging { packages, advisories } => write!(f, "making patches of {packages} packages and {advisories} advisories"),
        }
    }
}
