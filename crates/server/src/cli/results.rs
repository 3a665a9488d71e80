//! `fettle results`.

use super::answer::text;
use super::assets::export;
use super::client::Client;
use super::columns::column;
use super::error::CliError;
use super::names::plural;
use super::output::{Column, Ui};
use super::{Globals, moment::ago};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `fettle results`; without a command it lists.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ResultsArgs {
    #[command(flatten)]
    list: ListArgs,
    #[command(subcommand)]
    command: Option<ResultsCommand>,
}

#[derive(Debug, Subcommand)]
enum ResultsCommand {
    /// List what became of patches on assets in runs, newest run first (what `fettle results` alone does)
    List(ListArgs),
    /// Download the list as CSV, as the server makes it
    Export {
        /// Which results: a query such as 'status:failed and started>now-1d'; all when left out
        query: Option<String>,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// Which results, and how many of them.
#[derive(Debug, Default, Args)]
struct ListArgs {
    /// Which results: a query such as 'status:failed and asset.tags.name:web'; all when left out
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// Only say how many there are
    #[arg(long, conflicts_with = "limit")]
    count: bool,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

const RESULTS: &[Column] = &[
    column!("job", "/job/name"),
    column!("asset", "/asset/name"),
    column!("patch", "/patch/title"),
    column!("status", "/status"),
    column!("reason", "/failure/sentence"),
    column!("exit code", "/failure/exit_code"),
    column!("started", "/started_at", ago),
    column!("ended", "/ended_at", ago),
];

/// Runs `fettle results`.
pub(super) async fn run(globals: &Globals, args: ResultsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(ResultsCommand::List(args.list)) {
        ResultsCommand::List(list) if list.count => count(&client, "/results", list.query, "result", ui).await?,
        ResultsCommand::List(list) => ui.list(RESULTS, &client.all("/results", &asked(list.query), list.limit).await?)?,
        ResultsCommand::Export { query, file } => export(&client, "/results/export", &asked(query), file.as_deref(), ui).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A query as a parameter.
pub(super) fn asked(query: Option<String>) -> Vec<(&'static str, String)> {
    query.map(|query| ("query", query)).into_iter().collect()
}

/// Says how many records a list has.
pub(super) async fn count(client: &Client, list: &str, query: Option<String>, noun: &str, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let mut asked = asked(query);
    asked.push(("limit", "1".to_owned()));
    let page = client.get(list, &asked).await?;
    let total = page.pointer("/total").and_then(Value::as_u64).ok_or_else(|| client.misunderstood("a list without a total"))?;
    ui.done(&plural(usize::try_from(total).unwrap_or(usize::MAX), noun), &json!({ "total": total }))
}
