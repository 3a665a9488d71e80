//! `fettle users`.

use super::answer::text;
use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::session::Session;
use super::{Globals, columns, names, prompt};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Arguments of `fettle users`; without a command it lists.
#[derive(Debug, Args)]
pub struct UsersArgs {
    #[command(subcommand)]
    command: Option<UsersCommand>,
}

const ROLES: [&str; 6] = ["patch_reader", "patch_dashboard_author", "patch_user", "patch_security", "patch_manager", "super_user"];

#[derive(Debug, Subcommand)]
enum UsersCommand {
    /// List users (what `fettle users` alone does)
    List,
    /// Create a user
    Create {
        /// Name to log in with
        name: String,
        /// Role
        #[arg(long, value_parser = ROLES)]
        role: String,
        #[command(flatten)]
        sees: Sees,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change a user's role, scope or password, or switch the user off and on
    Change {
        /// Name or id
        user: String,
        /// New role
        #[arg(long, value_parser = ROLES)]
        role: Option<String>,
        #[command(flatten)]
        sees: Sees,
        /// Ask for a new password
        #[arg(long)]
        password: bool,
        /// Read the new password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
        /// Switch the user off
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Switch the user on again
        #[arg(long)]
        enable: bool,
    },
    /// Change your own password
    Password {
        /// Read the current password from the first line of standard input, the new one from the second
        #[arg(long)]
        password_stdin: bool,
    },
    /// Remove a user
    Remove {
        /// Name or id
        user: String,
    },
}

/// What a user sees.
#[derive(Debug, Args)]
struct Sees {
    /// Sees assets that carry one of these tags
    #[arg(long, value_name = "TAG", num_args = 1.., conflicts_with = "everything")]
    tag: Vec<String>,
    /// Sees every asset
    #[arg(long)]
    everything: bool,
}

impl Sees {
    async fn scope(&self, client: &Client) -> Result<Option<Value>, CliError> {
        if self.everything {
            return Ok(Some(json!({ "everything": true })));
        }
        let mut tags = Vec::new();
        for given in &self.tag {
            tags.push(names::tag(client, given).await?);
        }
        Ok((!tags.is_empty()).then(|| json!({ "everything": false, "tags": tags })))
    }
}

/// Runs `fettle users`.
pub(super) async fn run(globals: &Globals, args: UsersArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(UsersCommand::List) {
        UsersCommand::List => ui.list(columns::USERS, &client.all("/users", &[], None).await?)?,
        UsersCommand::Create { name, role, sees, password_stdin } => {
            let scope = sees.scope(&client).await?.unwrap_or_else(|| json!({}));
            let password = prompt::new_password(password_stdin)?;
            let made = client.post("/users", &json!({ "name": name, "role": role, "scope": scope, "password": password })).await?;
            ui.done(&format!("Created {name} ({role})."), &made)?;
        }
        UsersCommand::Change { user, role, sees, password, password_stdin, disable, enable } => {
            let mut change = Map::new();
            change.extend(role.map(|role| ("role".to_owned(), json!(role))));
            change.extend(sees.scope(&client).await?.map(|scope| ("scope".to_owned(), scope)));
            if password || password_stdin {
                change.insert("password".to_owned(), json!(prompt::new_password(password_stdin)?));
            }
            if disable || enable {
                change.insert("disabled".to_owned(), json!(disable));
            }
            if change.is_empty() {
                return Err(CliError::Usage(
                    "say what to change: --role, --tag, --everything, --password, --disable or --enable".to_owned(),
                ));
            }
            let id = find(&client, &user).await?;
            let record = client.patch(&format!("/users/{id}"), &Value::Object(change)).await?;
            ui.done(&format!("{} is changed.", text(&record, "/name")), &record)?;
        }
        UsersCommand::Password { password_stdin } => own_password(client, password_stdin, ui).await?,
        UsersCommand::Remove { user } => {
            let id = find(&client, &user).await?;
            client.delete(&format!("/users/{id}")).await?;
            ui.done(&format!("{user} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A token may not change its maker's password, so this opens a session with the current one.
async fn own_password(client: Client, from_stdin: bool, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let (current, new) = if from_stdin {
        prompt::two_secrets_from_stdin()?
    } else {
        (prompt::ask_secret("Current password")?, prompt::new_password(false)?)
    };
    let me = client.get("/session", &[]).await?;
    let client = client.with_token(None);
    let login = json!({ "name": me["name"], "password": current });
    let session = Session::of(client.raw(Method::POST, "/session", &[], Some(&login)).await?, &client).await?;
    let change = json!({ "current": current, "new": new });
    let changed = client.raw(Method::PUT, "/session/password", &session.headers(), Some(&change)).await;
    client.raw(Method::DELETE, "/session", &session.headers(), None).await?;
    changed?;
    ui.done("Your password is changed.", &Value::Null)
}

async fn find(client: &Client, given: &str) -> Result<String, CliError> {
    names::among(client, "user", "/users", "/name", given).await
}
