//! Whole-product tests: server and agent as separate processes, real dpkg and apt, real rpm and dnf.

pub(crate) mod apt;
pub(crate) mod archive;
mod debian;
mod hermetic;
pub(crate) mod product;
mod proxy;
mod rpm;
pub(crate) mod scenario;

use anyhow::Result;
use std::path::Path;

/// Which one.
#[derive(clap::Subcommand, Clone)]
pub(crate) enum Which {
    /// Packages, archive and root made here, and the console in a real browser; no network.
    Hermetic,
    /// A Debian bookworm root from the plain release, the security repository, real packages. Needs the network.
    Debian(debian::Options),
    /// A root of RPM packages made here, held against dnf; no network.
    Rpm,
}

/// Runs it.
pub(crate) fn run(which: &Which) -> Result<()> {
    match which {
        Which::Hermetic => hermetic::run(),
        Which::Debian(options) => debian::run(options),
        Which::Rpm => rpm::run(),
    }
}

/// Plays a scene in a folder that goes with it, unless it fails: then somebody wants to look.
fn in_scratch<T>(scene: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let scratch = tempfile::Builder::new().prefix("fettle-e2e-").tempdir()?;
    let outcome = scene(scratch.path());
    if outcome.is_err() {
        eprintln!("what was left is in {}", scratch.keep().display());
    }
    outcome
}
