//! `fettle catalog`.

use super::answer::{items, number, text};
use super::client::Client;
use super::error::CliError;
use super::output::{Format, Ui};
use super::{Globals, assets, bundles, columns, names};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Commands of `fettle catalog`.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Bring the catalog up to date with its feeds now, and wait until it is
    Sync {
        /// Only these feeds, by name or id; all enabled ones when left out
        #[arg(long, value_name = "FEED", num_args = 1..)]
        feed: Vec<String>,
    },
    /// List the hosts that agents must reach, for firewalls
    DownloadLocations(LocationsArgs),
    /// Write the catalog, or what changed of it, into one signed file for a server without internet
    Export(bundles::ExportArgs),
    /// Take in such a file of a server that is trusted here
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the key that signs this server's files, for the servers that take them in
    Key,
    /// Trust a server: take in files that its key signed
    Trust(bundles::TrustArgs),
    /// List the servers that are trusted, with what was taken in last
    Sources,
    /// Trust a server no more: its feeds are removed and their patches withdrawn
    Untrust {
        /// Name or id
        source: String,
    },
}

/// Which download locations.
#[derive(Debug, Args)]
pub struct LocationsArgs {
    /// Only hosts and feeds whose names hold this text
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Only those for these purposes
    #[arg(long, value_name = "PURPOSE", num_args = 1.., value_parser = ["server", "installers", "packages"])]
    purpose: Vec<String>,
    /// Order: host, scheme, port, purpose or patches, with - before it for largest first
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Download the list as CSV, as the server makes it, into this file
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// Pause between two looks at a feed.
const AGAIN: Duration = Duration::from_millis(500);

/// Runs `fettle catalog`.
pub(super) async fn run(globals: &Globals, command: CatalogCommand, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match command {
        CatalogCommand::Sync { feed } => return sync_all(&client, &feed, ui).await,
        CatalogCommand::DownloadLocations(args) => return locations(&client, args, ui).await,
        CatalogCommand::Export(args) => bundles::export(&client, args, ui).await?,
        CatalogCommand::Import { file } => bundles::import(&client, &file, ui).await?,
        CatalogCommand::Key => bundles::key(&client, ui).await?,
        CatalogCommand::Trust(args) => bundles::trust(&client, args, ui).await?,
        CatalogCommand::Sources => bundles::sources(&client, ui).await?,
        CatalogCommand::Untrust { source } => bundles::untrust(&client, &source, ui).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn sync_all(client: &Client, feed: &[String], ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let mut ids = Vec::new();
    for given in feed {
        ids.push(names::among(client, "feed", "/feeds", "/name", given).await?);
    }
    if feed.is_empty() {
        let all = client.all("/feeds", &[], None).await?;
        ids.extend(all.iter().filter(|feed| feed["enabled"] == Value::Bool(true)).map(|feed| text(feed, "/id")));
    }
    if ids.is_empty() {
        return Err(CliError::Failed(
            "there is no enabled feed: add some with `fettle feeds from-machine` or `fettle feeds add`".to_owned(),
        ));
    }
    sync(client, &ids, ui).await
}

async fn locations(client: &Client, args: LocationsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let purposes = (!args.purpose.is_empty()).then(|| args.purpose.join(","));
    let given = [("q", args.text), ("purpose", purposes), ("sort", args.sort)];
    let query: Vec<_> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    match args.export {
        Some(file) => assets::export(client, "/download-locations/export", &query, Some(&file), ui).await?,
        None => ui.list(columns::LOCATIONS, &client.all("/download-locations", &query, None).await?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for feeds to be synchronised and follows each to its end; success only if all succeeded.
pub(super) async fn sync(client: &Client, ids: &[String], ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let mut before = Vec::new();
    for id in ids {
        before.push(text(&client.get(&format!("/feeds/{id}"), &[]).await?, "/state/last_attempt"));
        client.ask(&format!("/feeds/{id}/sync")).await?;
    }
    let mut done = Vec::new();
    for (id, before) in ids.iter().zip(&before) {
        let feed = until_done(client, id, before, ui).await?;
        if ui.format == Format::Table {
            ui.line(&story(&feed))?;
        }
        done.push(feed);
    }
    match ui.format {
        Format::Table => {}
        Format::Json => ui.json(&Value::Array(done.clone()))?,
        Format::Csv => ui.list(columns::FEEDS, &done)?,
    }
    let failed = done.iter().any(|feed| !feed["state"]["error"].is_null());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Waits until a feed has been tried since `before` and rests again.
async fn until_done(client: &Client, id: &str, before: &str, ui: &Ui<'_>) -> Result<Value, CliError> {
    let bar = spinner(ui);
    let mut last = String::new();
    loop {
        let feed = client.get(&format!("/feeds/{id}"), &[]).await?;
        let progress = text(&feed, "/state/progress");
        if progress.is_empty() && text(&feed, "/state/last_attempt") != before {
            bar.finish_and_clear();
            return Ok(feed);
        }
        let line = format!("{}: {}", text(&feed, "/name"), if progress.is_empty() { "waiting for its turn" } else { &progress });
        if line != last {
            if ui.interactive {
                bar.set_message(line.clone());
            } else if ui.format == Format::Table {
                ui.note(&line);
            }
            last = line;
        }
        bar.tick();
        tokio::time::sleep(AGAIN).await;
    }
}

fn spinner(ui: &Ui<'_>) -> ProgressBar {
    if !ui.interactive {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn story(feed: &Value) -> String {
    let name = text(feed, "/name");
    let state = &feed["state"];
    // A feed carries patches, or what somebody says of vulnerabilities.
    let carried = match number(state, "/facts") {
        0 => format!("{} patches", number(state, "/patches")),
        facts => format!("{facts} vulnerabilities"),
    };
    let mut lines = vec![match text(state, "/error") {
        none if none.is_empty() => format!(
            "{name}: {carried}; last change: {} added, {} changed, {} withdrawn",
            number(state, "/added"),
            number(state, "/changed"),
            number(state, "/withdrawn")
        ),
        error => format!("{name}: failed: {error}"),
    }];
    lines.extend(items(state, "/warnings").iter().map(|warning| format!("  warning: {}", text(warning, ""))));
    lines.join("\n")
}
