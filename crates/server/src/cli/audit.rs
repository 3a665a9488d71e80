//! `fettle audit`.

use super::answer::text;
use super::assets::export;
use super::client::Client;
use super::columns::column;
use super::error::CliError;
use super::output::{Column, Ui};
use super::results::{asked, count};
use super::{Globals, moment::ago};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `fettle audit`; without a command it lists.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AuditArgs {
    #[command(flatten)]
    list: ListArgs,
    #[command(subcommand)]
    command: Option<AuditCommand>,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// List who changed what, newest first (what `fettle audit` alone does)
    List(ListArgs),
    /// Download the log as CSV, as the server makes it
    Export {
        /// Which entries: a query such as 'actor:alice and at>now-1d'; all when left out
        query: Option<String>,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Check that no entry was changed or is missing
    Verify,
}

/// Which entries, and how many of them.
#[derive(Debug, Default, Args)]
struct ListArgs {
    /// Which entries: a query such as 'action:job.enable and at>now-1d'; all when left out
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// Only say how many there are
    #[arg(long, conflicts_with = "limit")]
    count: bool,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

const ENTRIES: &[Column] = &[
    column!("number", "/number"),
    column!("when", "/at", ago),
    column!("who", "/actor"),
    column!("from", "/from"),
    column!("action", "/action"),
    column!("subject", "/subject"),
];

/// Runs `fettle audit`.
pub(super) async fn run(globals: &Globals, args: AuditArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(AuditCommand::List(args.list)) {
        AuditCommand::List(list) if list.count => count(&client, "/audit", list.query, "entry", ui).await?,
        AuditCommand::List(list) => ui.list(ENTRIES, &client.all("/audit", &asked(list.query), list.limit).await?)?,
        AuditCommand::Export { query, file } => export(&client, "/audit/export", &asked(query), file.as_deref(), ui).await?,
        AuditCommand::Verify => return verify(&client, ui).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Exits with 1 when the log was tampered with, so that a script need not read the text.
async fn verify(client: &Client, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let check = client.get("/audit/verify", &[]).await?;
    let entries = text(&check, "/entries");
    if check.pointer("/whole").and_then(Value::as_bool) == Some(true) {
        ui.done(&format!("The audit log is whole: {entries} entries, each as it was written."), &check)?;
        return Ok(ExitCode::SUCCESS);
    }
    let broken = text(&check, "/broken_at");
    ui.done(&format!("The audit log was changed: entry {broken} is missing or not as it was written. Compare it with a backup."), &check)?;
    Ok(ExitCode::FAILURE)
}
