//! Logging in and out.
//!
//! Logging in with a name and a password makes an API token and remembers that instead of the password.
//! The token acts as the person does, ends after [`TOKEN_DAYS`], and `fettle logout` withdraws it.

use super::answer::{items, text};
use super::client::{Client, address};
use super::config::{Config, Trust, parse_fingerprint};
use super::error::CliError;
use super::output::Ui;
use super::{Globals, names, prompt, trust};
use fettle_model::digest::Sha256Digest;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;
use url::Url;

/// Days for which a login lasts: long enough for a workstation, short enough that a forgotten one ends.
const TOKEN_DAYS: i64 = 90;
/// Where a server is when nobody says anything else: the default of `fettle serve`.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8480/";

/// Arguments of `fettle login`.
#[derive(Debug, clap::Args)]
pub struct LoginArgs {
    /// Name to log in with; asked when left out
    #[arg(long, value_name = "NAME", conflicts_with = "token")]
    name: Option<String>,
    /// Read the password (or with --token the token) from the first line of standard input
    #[arg(long, visible_alias = "token-stdin")]
    password_stdin: bool,
    /// Use an API token that was made elsewhere
    #[arg(long)]
    token: bool,
    /// Trust the server's own certificate authority with this SHA-256 fingerprint
    #[arg(long, value_name = "SHA256", conflicts_with = "ca")]
    pin: Option<String>,
}

/// `fettle login`.
pub(super) async fn login(globals: &Globals, args: LoginArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let server = address(globals.server.as_deref().unwrap_or(DEFAULT_SERVER))?;
    let trust = whom_to_trust(globals, &args, &server, ui).await?;
    let client = Client::open(server.clone(), None, &trust)?;
    let made = if args.token {
        Made { token: prompt::secret(args.password_stdin, "API token")?, id: None }
    } else {
        let name = match &args.name {
            Some(name) => name.clone(),
            None => prompt::ask("Name")?,
        };
        let password = prompt::secret(args.password_stdin, "Password")?;
        token_for(&client, &name, &password, ui).await?
    };
    let client = client.with_token(Some(made.token.clone()));
    // Nothing is remembered before the server has accepted it.
    let me = client.get("/session", &[]).await?;
    let path = Config { server: server.to_string(), token: made.token, token_id: made.id, trust }.save()?;
    ui.done(&format!("Logged in to {server} as {} ({}). Remembered in {}.", text(&me, "/name"), text(&me, "/role"), path.display()), &me)?;
    Ok(ExitCode::SUCCESS)
}

/// `fettle logout`.
pub(super) async fn logout(globals: &Globals, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let Some(config) = Config::load()? else {
        ui.note("You were not logged in.");
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(id) = &config.token_id {
        let trust = globals.ca.clone().map_or_else(|| config.trust.clone(), Trust::File);
        let client = Client::open(address(&config.server)?, Some(config.token.clone()), &trust)?;
        if let Err(error) = client.delete(&format!("/tokens/{id}")).await {
            ui.note(&format!(
                "warning: the token could not be withdrawn on the server ({error}); remove it there with `fettle tokens remove`"
            ));
        }
    }
    Config::forget()?;
    ui.done(&format!("Logged out of {}.", config.server), &json!({ "server": config.server }))?;
    Ok(ExitCode::SUCCESS)
}

/// `fettle whoami`.
pub(super) async fn whoami(globals: &Globals, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    let me = client.get("/session", &[]).await?;
    let sees = match me.pointer("/scope/everything") {
        Some(Value::Bool(true)) => "everything".to_owned(),
        _ => format!("what carries its {}", names::plural(items(&me, "/scope/tags").len(), "tag")),
    };
    let sentence = format!("{} ({}) at {}, sees {sees}", text(&me, "/name"), text(&me, "/role"), client.server());
    ui.done(&sentence, &me)?;
    Ok(ExitCode::SUCCESS)
}

/// A token and its id.
struct Made {
    token: String,
    id: Option<String>,
}

/// Logs in, makes a token, and ends the session again.
async fn token_for(client: &Client, name: &str, password: &str, ui: &Ui<'_>) -> Result<Made, CliError> {
    let answer = client.raw(Method::POST, "/session", &[], Some(&json!({ "name": name, "password": password }))).await?;
    let session = Session::of(answer, client).await?;
    let until = ui.clock.now().checked_add(jiff::SignedDuration::from_hours(24 * TOKEN_DAYS)).map_or(Value::Null, |time| json!(time));
    let body = json!({ "name": format!("fettle on {}", this_machine()), "expires_at": until });
    let made = client.raw(Method::POST, "/tokens", &session.headers(), Some(&body)).await?;
    let made = client.json(made).await?;
    client.raw(Method::DELETE, "/session", &session.headers(), None).await?;
    let token = text(&made, "/secret");
    if token.is_empty() {
        return Err(client.misunderstood("a token without its secret"));
    }
    Ok(Made { token, id: Some(text(&made, "/id")) })
}

/// A session as a browser holds it, for the few moments of logging in.
pub(super) struct Session {
    cookie: String,
    csrf: String,
}

impl Session {
    /// The session that an answer opens.
    pub(super) async fn of(answer: reqwest::Response, client: &Client) -> Result<Self, CliError> {
        let cookie = answer
            .headers()
            .get_all(reqwest::header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next())
            .find(|pair| pair.contains("fettle="))
            .map(str::to_owned);
        let me = client.json(answer).await?;
        let cookie = cookie.ok_or_else(|| client.misunderstood("a session without a cookie"))?;
        Ok(Self { cookie, csrf: text(&me, "/csrf_token") })
    }

    /// What proves it.
    pub(super) fn headers(&self) -> [(&'static str, String); 2] {
        [("cookie", self.cookie.clone()), ("x-csrf-token", self.csrf.clone())]
    }
}

async fn whom_to_trust(globals: &Globals, args: &LoginArgs, server: &Url, ui: &Ui<'_>) -> Result<Trust, CliError> {
    if let Some(file) = &globals.ca {
        return Ok(Trust::File(file.clone()));
    }
    if let Some(pin) = &args.pin {
        let pin = parse_fingerprint(pin).ok_or_else(|| CliError::Usage("--pin takes 64 hexadecimal digits".to_owned()))?;
        return Ok(Trust::Pinned(pin));
    }
    if server.scheme() == "http" {
        return Ok(Trust::System);
    }
    match Client::open(server.clone(), None, &Trust::System)?.get("/setup", &[]).await {
        Err(CliError::Unreachable { .. }) => {}
        _ => return Ok(Trust::System),
    }
    let Some(seen) = trust::presented(server).await? else { return Ok(Trust::System) };
    ask_about(server, seen, ui)
}

fn ask_about(server: &Url, seen: Sha256Digest, ui: &Ui<'_>) -> Result<Trust, CliError> {
    ui.note(&format!(
        "{server} is certified by an authority that this machine does not know. Its SHA-256 fingerprint is\n  {seen}\nCompare it with \
         what `fettle doctor --data DIR` shows on the server."
    ));
    if prompt::confirm("Trust it from now on?")? {
        Ok(Trust::Pinned(seen))
    } else {
        Err(CliError::Failed("the server was not trusted, so nothing was sent to it".to_owned()))
    }
}

fn this_machine() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.chars().take(60).collect()
}
