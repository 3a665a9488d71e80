//! Measurements. Every figure comes with a reference measured in the same run, because machines differ.

mod footprint;

use anyhow::Result;

/// Which one.
#[derive(clap::Subcommand)]
pub(crate) enum Which {
    /// Sizes and start: binaries, server start, memory at rest, bytes of uploads, on demand a clean build.
    Footprint(footprint::Options),
}

/// Runs it.
pub(crate) fn run(which: &Which) -> Result<()> {
    match which {
        Which::Footprint(options) => footprint::run(options),
    }
}
