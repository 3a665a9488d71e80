//! `cargo xtask bench rivals`: the index beside other engines in one process, on the same fleet.
//!
//! The engines are in a package of their own, outside the workspace, so that nobody compiles them who only tests.

use crate::shell;
use anyhow::Result;

/// Options of `cargo xtask bench rivals`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Assets beside compressed bitmaps.
    #[arg(long, default_value_t = 1_000_000)]
    assets: u32,
    /// Assets beside the search engine.
    #[arg(long, default_value_t = 100_000)]
    small_assets: u32,
    /// Seconds for each question.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
}

/// Builds and runs it; it prints, compares and judges by itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = shell::command("cargo", &["run", "--quiet", "--release", "--locked", "--manifest-path", "rivals/Cargo.toml"]);
    // What the workspace has compiled already is used again.
    command.arg("--target-dir").arg(shell::target()).arg("--");
    command.args(["--assets", &options.assets.to_string(), "--small-assets", &options.small_assets.to_string()]);
    shell::run(command.args(["--seconds", &options.seconds.to_string()]))
}
