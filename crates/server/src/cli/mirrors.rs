//! `fettle mirrors`.

use super::answer::text;
use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::{Globals, columns, names};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Arguments of `fettle mirrors`; without a command it lists.
#[derive(Debug, Args)]
pub struct MirrorsArgs {
    #[command(subcommand)]
    command: Option<MirrorsCommand>,
}

#[derive(Debug, Subcommand)]
enum MirrorsCommand {
    /// List mirrors (what `fettle mirrors` alone does)
    List,
    /// Show one mirror
    Show {
        /// Name or id
        mirror: String,
    },
    /// Have agents fetch installers from another place
    Add(AddArgs),
    /// Change a mirror
    Edit(EditArgs),
    /// Put a mirror in force
    Enable {
        /// Name or id
        mirror: String,
    },
    /// Take a mirror out of force
    Disable {
        /// Name or id
        mirror: String,
    },
    /// Remove a mirror; what it replaced is fetched from its vendor again
    Remove {
        /// Name or id
        mirror: String,
    },
}

#[derive(Debug, Args)]
struct AddArgs {
    /// Name of the mirror
    #[arg(long)]
    name: String,
    /// Beginning of the addresses to replace, such as https://download.example/
    #[arg(long, value_name = "URL", required_unless_present = "sha256", conflicts_with = "sha256")]
    from: Option<String>,
    /// Digest of the one installer to fetch elsewhere, as `fettle patches show` has it
    #[arg(long, value_name = "DIGEST")]
    sha256: Option<String>,
    /// What to fetch instead
    #[arg(long, value_name = "URL")]
    to: String,
    /// Allow plain HTTP; digests are checked all the same
    #[arg(long)]
    plain_http: bool,
}

#[derive(Debug, Args)]
struct EditArgs {
    /// Name or id
    mirror: String,
    /// New name
    #[arg(long)]
    name: Option<String>,
    /// New beginning of the addresses to replace
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// New place
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Allow plain HTTP, or not
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    plain_http: Option<bool>,
}

fn yes_or_no(given: &str) -> Result<bool, String> {
    match given {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("give yes or no".to_owned()),
    }
}

/// Runs `fettle mirrors`.
pub(super) async fn run(globals: &Globals, args: MirrorsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(MirrorsCommand::List) {
        MirrorsCommand::List => ui.list(columns::MIRRORS, &client.all("/mirrors", &[], None).await?)?,
        MirrorsCommand::Show { mirror } => {
            let mirror = client.get(&format!("/mirrors/{}", find(&client, &mirror).await?), &[]).await?;
            ui.record(columns::MIRRORS, &mirror)?;
        }
        MirrorsCommand::Add(AddArgs { name, from, sha256, to, plain_http }) => {
            let rule = match sha256 {
                Some(sha256) => json!({ "kind": "installer", "sha256": sha256, "to": to }),
                None => json!({ "kind": "prefix", "from": from, "to": to }),
            };
            let made = client.post("/mirrors", &json!({ "name": name, "rule": rule, "plain_http": plain_http })).await?;
            ui.done(
                &format!("Added the mirror {}. `fettle catalog download-locations` shows what it changes.", text(&made, "/name")),
                &made,
            )?;
        }
        MirrorsCommand::Edit(args) => edit(&client, args, ui).await?,
        MirrorsCommand::Enable { mirror } => switch(&client, &mirror, true, ui).await?,
        MirrorsCommand::Disable { mirror } => switch(&client, &mirror, false, ui).await?,
        MirrorsCommand::Remove { mirror } => {
            let id = find(&client, &mirror).await?;
            client.delete(&format!("/mirrors/{id}")).await?;
            ui.done(&format!("{mirror} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn edit(client: &Client, args: EditArgs, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = find(client, &args.mirror).await?;
    let mut change = Map::new();
    change.extend(args.name.map(|name| ("name".to_owned(), json!(name))));
    change.extend(args.plain_http.map(|plain| ("plain_http".to_owned(), json!(plain))));
    if args.from.is_some() || args.to.is_some() {
        // A rule is replaced as a whole, so what was not given is taken from the one that is there.
        let mut rule = client.get(&format!("/mirrors/{id}"), &[]).await?["rule"].take();
        if args.from.is_some() && rule["kind"] != "prefix" {
            return Err(CliError::Usage(format!("{} is for one installer: only --to can be changed", args.mirror)));
        }
        for (field, given) in [("from", args.from), ("to", args.to)] {
            if let Some(given) = given {
                rule[field] = json!(given);
            }
        }
        change.insert("rule".to_owned(), rule);
    }
    if change.is_empty() {
        return Err(CliError::Usage("say what to change: --name, --from, --to or --plain-http".to_owned()));
    }
    let record = client.patch(&format!("/mirrors/{id}"), &Value::Object(change)).await?;
    ui.done(&format!("{} is changed.", text(&record, "/name")), &record)
}

async fn switch(client: &Client, mirror: &str, enabled: bool, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = find(client, mirror).await?;
    let record = client.patch(&format!("/mirrors/{id}"), &json!({ "enabled": enabled })).await?;
    ui.done(&format!("{mirror} is {}.", if enabled { "enabled" } else { "disabled" }), &record)
}

async fn find(client: &Client, given: &str) -> Result<String, CliError> {
    names::among(client, "mirror", "/mirrors", "/name", given).await
}
