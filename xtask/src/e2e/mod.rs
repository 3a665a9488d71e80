//! Whole-product tests: server and agent as separate processes, a real dpkg, real apt.

use anyhow::Result;

/// Which one.
#[derive(clap::Subcommand, Clone)]
pub(crate) enum Which {
    /// Packages, archive and root made here; no network.
    Hermetic,
    /// A Debian bookworm root from the plain release, its security repository, the real packages. Needs the network.
    Debian,
}

/// Runs it.
pub(crate) fn run(_which: &Which) -> Result<()> {
    Ok(())
}
