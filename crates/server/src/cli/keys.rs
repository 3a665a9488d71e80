//! `fettle keys`: activation keys.

use super::answer::text;
use super::client::Client;
use super::error::CliError;
use super::output::{Format, Ui};
use super::{Globals, columns, moment, names};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Arguments of `fettle keys`; without a command it lists.
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: Option<KeysCommand>,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// List activation keys (what `fettle keys` alone does)
    List,
    /// Create an activation key and print the command that enrols an agent
    Create {
        /// What it is for
        #[arg(long)]
        title: String,
        /// Tags given to assets that enrol with it: names, paths or ids
        #[arg(long, value_name = "TAG", num_args = 1..)]
        tag: Vec<String>,
        /// How many assets may enrol with it
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
        /// When it stops working
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Switch an activation key off; assets enrolled with it stay
    Disable {
        /// Title or id
        key: String,
    },
    /// Switch an activation key on again
    Enable {
        /// Title or id
        key: String,
    },
    /// Remove an activation key; assets enrolled with it stay
    Remove {
        /// Title or id
        key: String,
    },
}

/// Runs `fettle keys`.
pub(super) async fn run(globals: &Globals, args: KeysArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(KeysCommand::List) {
        KeysCommand::List => ui.list(columns::KEYS, &client.all("/activation-keys", &[], None).await?)?,
        KeysCommand::Create { title, tag, limit, expires } => create(&client, &title, &tag, limit, expires.as_deref(), ui).await?,
        KeysCommand::Disable { key } => switch(&client, &key, true, ui).await?,
        KeysCommand::Enable { key } => switch(&client, &key, false, ui).await?,
        KeysCommand::Remove { key } => {
            let id = find(&client, &key).await?;
            client.delete(&format!("/activation-keys/{id}")).await?;
            ui.done(&format!("{key} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(
    client: &Client,
    title: &str,
    tags: &[String],
    limit: Option<u32>,
    expires: Option<&str>,
    ui: &mut Ui<'_>,
) -> Result<(), CliError> {
    let mut ids = Vec::new();
    for given in tags {
        ids.push(names::tag(client, given).await?);
    }
    let expires = expires.map(|time| moment::parse(time, &jiff::tz::TimeZone::system())).transpose()?;
    let body = json!({ "title": title, "tags": ids, "use_limit": limit, "expires_at": expires });
    let mut made = client.post("/activation-keys", &body).await?;
    let agents = agents_address(client).await?;
    let command = format!("fettle-agent enroll --server {agents} --key {}", text(&made, "/secret"));
    made["install_command"] = json!(command);
    match ui.format {
        Format::Json | Format::Csv => ui.json(&made),
        Format::Table => {
            ui.note(&format!("Created the activation key {title:?}. It is shown this once; run this on each machine, as root:"));
            ui.line(&command)
        }
    }
}

/// Where agents reach this server: what the server says of itself, otherwise its host with the default port.
async fn agents_address(client: &Client) -> Result<String, CliError> {
    let status = client.get("/status", &[]).await?;
    let stated = text(&status, "/agent_url");
    if !stated.is_empty() {
        return Ok(stated);
    }
    Ok(format!("https://{}:8481", client.server().host_str().unwrap_or("localhost")))
}

async fn switch(client: &Client, key: &str, disabled: bool, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = find(client, key).await?;
    let record: Value = client.patch(&format!("/activation-keys/{id}"), &json!({ "disabled": disabled })).await?;
    ui.done(&format!("{key} is {}.", if disabled { "disabled" } else { "enabled" }), &record)
}

async fn find(client: &Client, given: &str) -> Result<String, CliError> {
    names::among(client, "activation key", "/activation-keys", "/title", given).await
}
