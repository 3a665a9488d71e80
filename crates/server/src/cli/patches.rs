//! `fettle patches`.

use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::{Globals, assets, columns};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `fettle patches`; without a command it lists.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct PatchesArgs {
    #[command(flatten)]
    list: Filters,
    #[command(subcommand)]
    command: Option<PatchesCommand>,
}

#[derive(Debug, Subcommand)]
enum PatchesCommand {
    /// List patches (what `fettle patches` alone does)
    List(Filters),
    /// Show one patch
    Show {
        /// Id, such as debian:bookworm:DSA-5678-1
        patch: String,
    },
    /// List the assets that miss or have one patch
    Assets {
        /// Id
        patch: String,
        /// Those that miss it, or those that have it
        #[arg(long, value_parser = ["missing", "installed"], default_value = "missing")]
        status: String,
    },
    /// Download the list as CSV, as the server makes it
    Export {
        #[command(flatten)]
        filters: Filters,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// What a list of patches is narrowed to. Without any, patches that apply to an asset and are not superseded.
#[derive(Debug, Default, Args)]
struct Filters {
    /// Words in id, title, product or bulletin
    #[arg(long, short, value_name = "TEXT")]
    query: Option<String>,
    /// Some asset misses them, or some asset has them
    #[arg(long, value_parser = ["missing", "installed"])]
    status: Option<String>,
    /// Only patches that fix vulnerabilities, or only others
    #[arg(long, value_parser = ["security", "non-security"])]
    category: Option<String>,
    /// Distribution release, such as debian/bookworm
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Fixes this CVE
    #[arg(long, value_name = "CVE")]
    cve: Option<String>,
    /// Superseded patches, too
    #[arg(long)]
    superseded: bool,
    /// Patches that apply to no asset, too
    #[arg(long)]
    all: bool,
    /// Order, such as -published_at or -missing
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Filters {
    fn query(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("q", self.query.clone()),
            ("status", self.status.clone()),
            ("category", self.category.clone()),
            ("release", self.release.clone()),
            ("cve", self.cve.clone()),
            ("latest", self.superseded.then(|| false.to_string())),
            ("all", self.all.then(|| true.to_string())),
            ("sort", self.sort.clone()),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Runs `fettle patches`.
pub(super) async fn run(globals: &Globals, args: PatchesArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(PatchesCommand::List(args.list)) {
        PatchesCommand::List(filters) => {
            let found = client.all("/patches", &filters.query(), filters.limit).await?;
            ui.list(columns::PATCHES, &found)?;
        }
        PatchesCommand::Show { patch } => {
            let patch = client.get(&assets::below("/patches", &patch), &[]).await?;
            ui.record(columns::PATCH, &patch)?;
        }
        PatchesCommand::Assets { patch, status } => {
            let path = format!("{}/assets", assets::below("/patches", &patch));
            ui.list(columns::ASSETS, &client.all(&path, &[("status", status)], None).await?)?;
        }
        PatchesCommand::Export { filters, file } => {
            assets::export(&client, "/patches/export", &filters.query(), file.as_deref(), ui).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
