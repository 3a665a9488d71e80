//! `cargo xtask oracle DIR`: what the product decides, beside what others did.

use crate::shell;
use anyhow::Result;
use std::path::PathBuf;

/// Options of `cargo xtask oracle`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folder with the data: a folder for each kind, such as `linux-hosts` and `versions`.
    folder: PathBuf,
    /// Judge only these kinds.
    #[arg(long, value_name = "KIND")]
    only: Vec<String>,
    /// Differences that are told one by one for each reason.
    #[arg(long, default_value_t = 20)]
    show: usize,
}

/// Builds the judges and lets them judge. Fails when an answer differs and no rule explains why.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = shell::command("cargo", &["run", "--quiet", "--release", "--package", "fettle-oracle", "--"]);
    command.arg(std::path::absolute(&options.folder)?).args(["--show", &options.show.to_string()]);
    options.only.iter().for_each(|kind| _ = command.args(["--only", kind]));
    shell::run(&mut command)
}
