//! `fettle query`.

use super::answer::{number, text};
use super::client::Client;
use super::error::CliError;
use super::output::{Format, Ui};
use super::{Globals, columns};
use crate::cli::answer::items;
use clap::Subcommand;
use std::process::ExitCode;

/// What can be asked for by queries.
pub(super) const ENTITIES: [&str; 5] = ["asset", "patch", "job", "result", "audit"];

/// Help with queries.
#[derive(Debug, Subcommand)]
pub enum QueryCommand {
    /// Say in plain words what a query means, or what is wrong with it
    Explain {
        /// The query
        query: String,
        /// What it asks for
        #[arg(long, value_name = "KIND", value_parser = ENTITIES, default_value = "asset")]
        of: String,
    },
    /// List the fields that queries can ask for
    Fields {
        /// Whose
        #[arg(long, value_name = "KIND", value_parser = ["asset", "patch", "job", "result", "audit", "software"], default_value = "asset")]
        of: String,
    },
}

/// Runs `fettle query`.
pub(super) async fn run(globals: &Globals, command: QueryCommand, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match command {
        QueryCommand::Explain { query, of } => explain(&client, &query, of, ui).await,
        QueryCommand::Fields { of } => {
            let fields = client.get("/query/fields", &[("entity", of)]).await?;
            match ui.format {
                Format::Json => ui.json(&fields)?,
                Format::Table | Format::Csv => ui.list(columns::FIELDS, items(&fields, "/fields"))?,
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn explain(client: &Client, query: &str, of: String, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let explained = client.get("/query/explain", &[("entity", of), ("text", query.to_owned())]).await?;
    let wrong = text(&explained, "/rendered");
    if ui.format != Format::Table {
        ui.json(&explained)?;
    } else if wrong.is_empty() {
        for line in items(&explained, "/lines") {
            let depth = usize::try_from(number(line, "/depth")).unwrap_or(0);
            ui.line(&format!("{}{}", "  ".repeat(depth), super::output::printable(&text(line, "/text"))))?;
        }
    } else {
        ui.note(wrong.trim_end());
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
