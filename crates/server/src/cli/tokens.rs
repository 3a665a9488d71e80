//! `fettle tokens`: API tokens of your own.

use super::answer::text;
use super::client::Client;
use super::error::CliError;
use super::output::{Format, Ui};
use super::{Globals, columns, moment, names};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Arguments of `fettle tokens`; without a command it lists.
#[derive(Debug, Args)]
pub struct TokensArgs {
    #[command(subcommand)]
    command: Option<TokensCommand>,
}

#[derive(Debug, Subcommand)]
enum TokensCommand {
    /// List your API tokens (what `fettle tokens` alone does)
    List,
    /// Create an API token and print it
    Create {
        /// What it is for
        name: String,
        /// Role it acts with, at most yours
        #[arg(long, value_parser = ["patch_reader", "patch_dashboard_author", "patch_user", "patch_security", "patch_manager", "super_user"])]
        role: Option<String>,
        /// It sees only assets that carry one of these tags
        #[arg(long, value_name = "TAG", num_args = 1..)]
        tag: Vec<String>,
        /// When it stops working; when left out, with the login it is made by
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Remove an API token; whoever uses it is refused from now on
    Remove {
        /// Name or id
        token: String,
    },
}

/// Runs `fettle tokens`.
pub(super) async fn run(globals: &Globals, args: TokensArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(TokensCommand::List) {
        TokensCommand::List => ui.list(columns::TOKENS, &client.all("/tokens", &[], None).await?)?,
        TokensCommand::Create { name, role, tag, expires } => {
            let mut body = Map::from_iter([("name".to_owned(), json!(name))]);
            body.extend(role.map(|role| ("role".to_owned(), json!(role))));
            let end = match expires {
                Some(expires) => json!(moment::parse(&expires, &jiff::tz::TimeZone::system())?),
                None => end_of_login(&client).await?,
            };
            body.insert("expires_at".to_owned(), end);
            let mut tags = Vec::new();
            for given in &tag {
                tags.push(names::tag(&client, given).await?);
            }
            if !tags.is_empty() {
                body.insert("scope".to_owned(), json!({ "everything": false, "tags": tags }));
            }
            let made = client.post("/tokens", &Value::Object(body)).await?;
            if ui.format == Format::Table {
                let end = moment::day(&made, "/expires_at");
                let until = if end.is_empty() { String::new() } else { format!("works until {end} and ") };
                ui.note(&format!("This token {until}is shown this once; give it to programs as FETTLE_TOKEN:"));
                ui.line(&text(&made, "/secret"))?;
            } else {
                ui.json(&made)?;
            }
        }
        TokensCommand::Remove { token } => {
            let id = names::among(&client, "token", "/tokens", "/name", &token).await?;
            client.delete(&format!("/tokens/{id}")).await?;
            ui.done(&format!("{token} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A token made with a token may not outlive it.
async fn end_of_login(client: &Client) -> Result<Value, CliError> {
    let Some(login) = client.token_id() else { return Ok(Value::Null) };
    let all = client.all("/tokens", &[], None).await?;
    Ok(all.iter().find(|token| token["id"] == login).map_or(Value::Null, |token| token["expires_at"].clone()))
}
