//! `fettle patches`.

use super::answer::items;
use super::client::Client;
use super::error::CliError;
use super::output::{Format, Ui};
use super::{Globals, assets, columns};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `fettle patches`; without a command it lists.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct PatchesArgs {
    #[command(flatten)]
    list: ListArgs,
    #[command(subcommand)]
    command: Option<PatchesCommand>,
}

#[derive(Debug, Subcommand)]
enum PatchesCommand {
    /// List patches (what `fettle patches` alone does)
    List(ListArgs),
    /// Show one patch
    Show {
        /// Id, such as debian:bookworm:DSA-5678-1
        patch: String,
    },
    /// List the patches that replace one and that it replaces, over others, newest first
    Chain {
        /// Id
        patch: String,
    },
    /// List the assets that miss or have one patch
    Assets {
        /// Id
        patch: String,
        /// Which of them: a query over assets
        #[arg(default_value = "")]
        query: String,
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

/// Which patches, and in which order.
#[derive(Debug, Default, Args)]
struct Filters {
    /// Which patches: a query such as 'vendorSeverity>=important and kev:yes'; '' for all
    #[arg(value_name = "QUERY", default_value = "isSuperseded:no")]
    query: String,
    /// Apply to assets that satisfy this query, and are counted among them
    #[arg(long, value_name = "QUERY")]
    assets: Option<String>,
    /// Patches that apply to no asset and those switched off, too
    #[arg(long)]
    all: bool,
    /// Order: a field such as -publishedDate or -missingCount
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
}

impl Filters {
    fn query(self) -> Vec<(&'static str, String)> {
        let applicable = self.all.then(|| "all".to_owned());
        let given = [("query", Some(self.query)), ("assets", self.assets), ("applicable", applicable), ("sort", self.sort)];
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// A list of patches.
#[derive(Debug, Default, Args)]
struct ListArgs {
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    shown: assets::Shown,
}

/// Runs `fettle patches`.
pub(super) async fn run(globals: &Globals, args: PatchesArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(PatchesCommand::List(args.list)) {
        PatchesCommand::List(ListArgs { filters, shown }) => {
            assets::list(&client, "/patches", filters.query(), &shown, columns::PATCHES, ui).await?;
        }
        PatchesCommand::Show { patch } => {
            let patch = client.get(&assets::below("/patches", &patch), &[]).await?;
            ui.record(columns::PATCH, &patch)?;
        }
        PatchesCommand::Chain { patch } => {
            let chain = client.get(&format!("{}/chain", assets::below("/patches", &patch)), &[]).await?;
            match ui.format {
                Format::Json => ui.json(&chain)?,
                _ => ui.list(columns::CHAIN, items(&chain, "/patches"))?,
            }
        }
        PatchesCommand::Assets { patch, query, status } => {
            let path = format!("{}/assets", assets::below("/patches", &patch));
            ui.list(columns::ASSETS, &client.all(&path, &[("query", query), ("status", status)], None).await?)?;
        }
        PatchesCommand::Export { filters, file } => {
            assets::export(&client, "/patches/export", &filters.query(), file.as_deref(), ui).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
