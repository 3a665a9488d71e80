//! `fettle vulnerabilities`.

use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::{Globals, assets, columns};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `fettle vulnerabilities`; without a command it lists.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct VulnerabilitiesArgs {
    #[command(flatten)]
    list: ListArgs,
    #[command(subcommand)]
    command: Option<VulnerabilitiesCommand>,
}

#[derive(Debug, Subcommand)]
enum VulnerabilitiesCommand {
    /// List vulnerabilities that patches fix (what `fettle vulnerabilities` alone does)
    List(ListArgs),
    /// Download the list as CSV, as the server makes it
    Export {
        #[command(flatten)]
        filters: Filters,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Show one vulnerability: how urgent others say it is, and which patches fix it
    Show {
        /// CVE id, such as CVE-2024-21412
        cve: String,
    },
}

/// Which vulnerabilities, and in which order.
#[derive(Debug, Default, Args)]
struct Filters {
    /// Text in ids and titles
    #[arg(value_name = "TEXT", default_value = "")]
    text: String,
    /// Known to be exploited
    #[arg(long)]
    exploited: bool,
    /// An asset misses a patch for it
    #[arg(long)]
    missing: bool,
    /// CVSS base score at least, 0 to 10
    #[arg(long, value_name = "SCORE")]
    min_cvss: Option<f64>,
    /// Probability of exploitation at least, 0 to 1
    #[arg(long, value_name = "PROBABILITY")]
    min_epss: Option<f64>,
    /// Order: id, cvss, epss, known_exploited_due, patches or missing, with - before it for largest first
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
}

impl Filters {
    fn query(self) -> Vec<(&'static str, String)> {
        let text = (!self.text.is_empty()).then_some(self.text);
        let number = |value: Option<f64>| value.map(|value| value.to_string());
        let yes = |given: bool| given.then(|| "true".to_owned());
        let given = [
            ("q", text),
            ("exploited", yes(self.exploited)),
            ("missing", yes(self.missing)),
            ("min_cvss", number(self.min_cvss)),
            ("min_epss", number(self.min_epss)),
            ("sort", self.sort),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// A list of vulnerabilities.
#[derive(Debug, Default, Args)]
struct ListArgs {
    #[command(flatten)]
    filters: Filters,
    /// Most rows
    #[arg(long, value_name = "ROWS")]
    limit: Option<usize>,
}

/// Runs `fettle vulnerabilities`.
pub(super) async fn run(globals: &Globals, args: VulnerabilitiesArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(VulnerabilitiesCommand::List(args.list)) {
        VulnerabilitiesCommand::List(ListArgs { filters, limit }) => {
            ui.list(columns::VULNERABILITIES, &client.all("/vulnerabilities", &filters.query(), limit).await?)?;
        }
        VulnerabilitiesCommand::Export { filters, file } => {
            assets::export(&client, "/vulnerabilities/export", &filters.query(), file.as_deref(), ui).await?;
        }
        VulnerabilitiesCommand::Show { cve } => {
            let vulnerability = client.get(&assets::below("/vulnerabilities", &cve), &[]).await?;
            ui.record(columns::VULNERABILITY, &vulnerability)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
