//! `fettle setup`: the first administrator, without a browser.

use super::client::{Client, address};
use super::config::Trust;
use super::error::CliError;
use super::output::Ui;
use super::session::Session;
use super::{Globals, prompt, trust};
use reqwest::Method;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `fettle setup`.
#[derive(Debug, clap::Args)]
pub struct SetupArgs {
    /// Data folder of the running server
    #[arg(long, env = "FETTLE_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Name of the first administrator
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

/// Where `fettle serve` listens when nobody says anything else.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8480/";

/// Runs `fettle setup`.
pub(super) async fn run(globals: &Globals, args: SetupArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let server = address(globals.server.as_deref().unwrap_or(DEFAULT_SERVER))?;
    let client = Client::open(server.clone(), None, &trust_in(globals, &args.data))?;
    let state = client.get("/setup", &[]).await?;
    if state.pointer("/needed") == Some(&json!(false)) {
        return Err(CliError::Failed("this server has an administrator already: log in with `fettle login`".to_owned()));
    }
    let token = read_token(&args.data.join("secrets").join("setup-token"))?;
    let password = prompt::new_password(args.password_stdin)?;
    let body = json!({ "token": token, "name": args.name, "password": password });
    let answer = client.raw(Method::POST, "/setup", &[], Some(&body)).await?;
    // Setting up logs in as well; this client keeps no session, so that one is ended.
    if let Ok(session) = Session::of(answer, &client).await {
        client.raw(Method::DELETE, "/session", &session.headers(), None).await?;
    }
    let record = json!({ "name": args.name, "server": server });
    ui.done(
        &format!("{} is the first administrator of {server}. Next: `fettle login --server {server} --name {}`.", args.name, args.name),
        &record,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Whoever reads the data folder knows the server's own authority, and need not ask anybody.
fn trust_in(globals: &Globals, data: &Path) -> Trust {
    if let Some(file) = &globals.ca {
        return Trust::File(file.clone());
    }
    trust::fingerprint_of_file(&data.join("secrets").join("authority.pem")).map_or(Trust::System, Trust::Pinned)
}

fn read_token(path: &Path) -> Result<String, CliError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Err(CliError::Failed(format!(
            "there is no one-time token at {}: check --data, and that the server runs with that folder (it writes the token at every start \
             while there is no administrator)",
            path.display()
        ))),
        Err(source) => Err(CliError::File { action: "read", path: path.to_owned(), source }),
    }
}
