//! `fettle vulnerabilities`.

use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::{Globals, assets, columns};
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Arguments of `fettle vulnerabilities`.
#[derive(Debug, Args)]
pub struct VulnerabilitiesArgs {
    #[command(subcommand)]
    command: VulnerabilitiesCommand,
}

#[derive(Debug, Subcommand)]
enum VulnerabilitiesCommand {
    /// Show one vulnerability: how urgent others say it is, and which patches fix it
    Show {
        /// CVE id, such as CVE-2024-21412
        cve: String,
    },
}

/// Runs `fettle vulnerabilities`.
pub(super) async fn run(globals: &Globals, args: VulnerabilitiesArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let VulnerabilitiesCommand::Show { cve } = args.command;
    let client = Client::connect(globals)?;
    let vulnerability = client.get(&assets::below("/vulnerabilities", &cve), &[]).await?;
    ui.record(columns::VULNERABILITY, &vulnerability)?;
    Ok(ExitCode::SUCCESS)
}
