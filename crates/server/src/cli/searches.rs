//! `fettle searches`.

use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::query::ENTITIES;
use super::{Globals, columns, names};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Arguments of `fettle searches`; without a command it lists.
#[derive(Debug, Args)]
pub struct SearchesArgs {
    /// What is listed
    #[arg(long, global = true, value_name = "KIND", value_parser = ENTITIES, default_value = "asset")]
    of: String,
    #[command(subcommand)]
    command: Option<SearchesCommand>,
}

#[derive(Debug, Subcommand)]
enum SearchesCommand {
    /// List the searches you keep (what `fettle searches` alone does)
    List,
    /// Keep a search, or replace the one of that name
    Save {
        /// Name
        name: String,
        /// The query
        query: String,
        /// Query of the second box: over patches for assets, over assets for patches
        #[arg(long, value_name = "QUERY", default_value = "")]
        beside: String,
    },
    /// Remove a search
    Delete {
        /// Name or id
        search: String,
    },
}

/// Runs `fettle searches`.
pub(super) async fn run(globals: &Globals, args: SearchesArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    let of = args.of;
    let kept = kept(&client, &of).await?;
    match args.command.unwrap_or(SearchesCommand::List) {
        SearchesCommand::List => ui.list(columns::SEARCHES, &kept)?,
        SearchesCommand::Save { name, query, beside } => {
            let body = json!({ "name": name, "query": query, "beside": beside });
            let record = match names::kept_search(&kept, &name) {
                Some(id) => client.put(&format!("/searches/{id}"), &body).await?,
                None => client.post_to("/searches", &[("entity", of)], &body).await?,
            };
            ui.done(&format!("Kept the search {name}."), &record)?;
        }
        SearchesCommand::Delete { search } => {
            let id = names::kept_search(&kept, &search).ok_or_else(|| {
                CliError::Failed(format!("there is no search {search:?}: `fettle searches --of {of}` shows those you keep"))
            })?;
            client.delete(&format!("/searches/{id}")).await?;
            ui.done(&format!("The search {search} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn kept(client: &Client, of: &str) -> Result<Vec<Value>, CliError> {
    let mut answer = client.get("/searches", &[("entity", of.to_owned())]).await?;
    match answer.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        _ => Err(client.misunderstood("a list without items")),
    }
}
