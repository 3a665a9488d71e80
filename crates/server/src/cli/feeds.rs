//! `fettle feeds`.

use super::answer::{items, text};
use super::client::Client;
use super::error::CliError;
use super::jobs::read_fields;
use super::output::{Format, Ui};
use super::{Globals, catalog, columns, names};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `fettle feeds`; without a command it lists.
#[derive(Debug, Args)]
pub struct FeedsArgs {
    #[command(subcommand)]
    command: Option<FeedsCommand>,
}

#[derive(Debug, Subcommand)]
enum FeedsCommand {
    /// List feeds (what `fettle feeds` alone does)
    List,
    /// Show one feed with its sources and how it went
    Show {
        /// Name or id
        feed: String,
    },
    /// Add a feed for one release of Debian or Ubuntu
    Add(AddArgs),
    /// Add a feed of Microsoft's security documents about Windows
    AddMicrosoft(AddMicrosoftArgs),
    /// Add a feed of applications on Windows, from manifests as the Windows Package Manager reads them
    AddWinget(AddWingetArgs),
    /// Add a feed for one release of a distribution that is made of RPM packages
    AddRpm(AddRpmArgs),
    /// Add CISA's list of vulnerabilities that are known to be exploited
    AddKnownExploited {
        /// Name of the feed
        #[arg(long, default_value = "Known exploited vulnerabilities")]
        name: String,
        /// Address of the list, or a file on the server
        #[arg(long, value_name = "LOCATION", default_value = fettle_catalog::KNOWN_EXPLOITED_LIST)]
        source: String,
    },
    /// Add the list of how probable it is that vulnerabilities are exploited (EPSS)
    AddExploitation {
        /// Name of the feed
        #[arg(long, default_value = "Probability of exploitation")]
        name: String,
        /// Address of the list, or a file on the server
        #[arg(long, value_name = "LOCATION", default_value = fettle_catalog::EXPLOITATION_LIST)]
        source: String,
    },
    /// Add descriptions and ratings (CVSS) of vulnerabilities, from records of the Open Source Vulnerability format
    AddDescriptions {
        /// Name of the feed
        #[arg(long, default_value = "Descriptions of vulnerabilities")]
        name: String,
        /// Address of a .zip or .tar.gz archive of records, or a folder or archive on the server
        #[arg(long, value_name = "LOCATION", default_value = fettle_catalog::DESCRIPTIONS)]
        source: String,
    },
    /// Add feeds from the package sources of the machine the server runs on
    FromMachine,
    /// Bring one feed up to date now
    Sync {
        /// Name or id
        feed: String,
    },
    /// List a feed's recent synchronisations, or the patches that one of them changed
    History {
        /// Name or id
        feed: String,
        /// Number of a synchronisation
        number: Option<u32>,
    },
    /// Switch a feed on
    Enable {
        /// Name or id
        feed: String,
    },
    /// Switch a feed off; its patches stay
    Disable {
        /// Name or id
        feed: String,
    },
    /// Remove a feed and withdraw its patches
    Remove {
        /// Name or id
        feed: String,
    },
}

#[derive(Debug, Args)]
struct AddArgs {
    /// Read name and configuration from this file (JSON or TOML, the API's fields) instead of the options below
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "release", "source", "keyring", "keyring_file", "advisories"])]
    from: Option<PathBuf>,
    /// Name of the feed
    #[arg(long, required_unless_present = "from")]
    name: Option<String>,
    /// Release its patches are for, such as debian/bookworm
    #[arg(long, value_name = "RELEASE", required_unless_present = "from")]
    release: Option<String>,
    /// A package source: URI, suite and components, such as 'https://mirror.example/debian bookworm main'
    #[arg(long, value_name = "'URI SUITE COMPONENT…'", required_unless_present = "from")]
    source: Vec<String>,
    /// Keyring that signs the sources: a path on the server
    #[arg(long, value_name = "PATH", conflicts_with = "keyring_file", required_unless_present_any = ["keyring_file", "from"])]
    keyring: Option<String>,
    /// Keyring that signs the sources: an armoured file on this machine, sent along
    #[arg(long, value_name = "FILE")]
    keyring_file: Option<PathBuf>,
    /// Architectures to read
    #[arg(long, value_name = "ARCHITECTURE", num_args = 1.., default_value = "amd64")]
    architecture: Vec<String>,
    /// Address or file of a list of the distribution's security advisories; may be given several times
    #[arg(long, value_name = "LOCATION")]
    advisories: Vec<String>,
}

#[derive(Debug, Args)]
struct AddMicrosoftArgs {
    /// Name of the feed
    #[arg(long, default_value = "Microsoft")]
    name: String,
    /// Address of the vendor's API, or a folder on the server with documents
    #[arg(long, value_name = "LOCATION", default_value = fettle_catalog::MICROSOFT_API)]
    source: String,
    /// Leave out documents that were first published before this day, such as 2023-01-01
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
}

#[derive(Debug, Args)]
struct AddWingetArgs {
    /// Name of the feed
    #[arg(long, default_value = "Windows applications")]
    name: String,
    /// A folder on the server, or the address of a .zip or .tar.gz archive, with manifests anywhere in it
    #[arg(long, value_name = "LOCATION")]
    manifests: String,
    /// Read only these packages, such as 7zip.7zip, or beginnings such as 'Mozilla.*'
    #[arg(long, value_name = "PACKAGE", num_args = 1..)]
    package: Vec<String>,
}

#[derive(Debug, Args)]
struct AddRpmArgs {
    /// Name of the feed
    #[arg(long)]
    name: String,
    /// Release its patches are for, by id and number, such as rocky/9
    #[arg(long, value_name = "RELEASE")]
    release: String,
    /// Root of a repository, above repodata/
    #[arg(long, value_name = "URI", required = true, num_args = 1..)]
    repository: Vec<String>,
    /// Keyring that signs the repositories: a path on the server
    #[arg(long, value_name = "PATH", conflicts_with = "keyring_file")]
    keyring: Option<String>,
    /// Keyring that signs the repositories: an armoured file on this machine, sent along
    #[arg(long, value_name = "FILE")]
    keyring_file: Option<PathBuf>,
    /// Architectures to read
    #[arg(long, value_name = "ARCHITECTURE", num_args = 1.., default_value = "x86_64")]
    architecture: Vec<String>,
}

/// Runs `fettle feeds`.
pub(super) async fn run(globals: &Globals, args: FeedsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(FeedsCommand::List) {
        FeedsCommand::List => ui.list(columns::FEEDS, &client.all("/feeds", &[], None).await?)?,
        FeedsCommand::Show { feed } => {
            let feed = client.get(&format!("/feeds/{}", find(&client, &feed).await?), &[]).await?;
            ui.record(columns::FEED, &feed)?;
        }
        FeedsCommand::Add(args) => add(&client, &definition(&args)?, ui).await?,
        FeedsCommand::AddMicrosoft(AddMicrosoftArgs { name, source, since }) => {
            let config = json!({ "kind": "microsoft", "source": source, "since": since });
            add(&client, &json!({ "name": name, "config": config }), ui).await?;
        }
        FeedsCommand::AddWinget(AddWingetArgs { name, manifests, package }) => {
            let config = json!({ "kind": "winget", "manifests": manifests, "packages": package });
            add(&client, &json!({ "name": name, "config": config }), ui).await?;
        }
        FeedsCommand::AddRpm(args) => add(&client, &rpm(args)?, ui).await?,
        FeedsCommand::AddKnownExploited { name, source } => {
            add(&client, &json!({ "name": name, "config": { "kind": "known_exploited", "source": source } }), ui).await?;
        }
        FeedsCommand::AddExploitation { name, source } => {
            add(&client, &json!({ "name": name, "config": { "kind": "exploitation", "source": source } }), ui).await?;
        }
        FeedsCommand::AddDescriptions { name, source } => {
            add(&client, &json!({ "name": name, "config": { "kind": "descriptions", "source": source } }), ui).await?;
        }
        FeedsCommand::FromMachine => from_machine(&client, ui).await?,
        FeedsCommand::Sync { feed } => return catalog::sync(&client, &[find(&client, &feed).await?], ui).await,
        FeedsCommand::History { feed, number } => history(&client, &find(&client, &feed).await?, number, ui).await?,
        FeedsCommand::Enable { feed } => switch(&client, &feed, true, ui).await?,
        FeedsCommand::Disable { feed } => switch(&client, &feed, false, ui).await?,
        FeedsCommand::Remove { feed } => {
            let id = find(&client, &feed).await?;
            client.delete(&format!("/feeds/{id}")).await?;
            ui.done(&format!("{feed} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(client: &Client, feed: &Value, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let made = client.post("/feeds", feed).await?;
    let (name, id) = (text(&made, "/name"), text(&made, "/id"));
    ui.done(&format!("Added the feed {name}. `fettle feeds sync {id}` reads it now."), &made)
}

fn definition(args: &AddArgs) -> Result<Value, CliError> {
    if let Some(file) = &args.from {
        return read_fields(file, "feed").map(Value::Object);
    }
    let keyring = match (&args.keyring, &args.keyring_file) {
        (_, Some(file)) => armoured(file)?,
        (path, None) => path.clone().unwrap_or_default(),
    };
    let sources: Vec<Value> = args.source.iter().map(|line| source(line, &keyring)).collect::<Result<_, _>>()?;
    Ok(json!({
        "name": args.name,
        "config": {
            "kind": "debian", "release": args.release, "sources": sources,
            "architectures": args.architecture, "advisories": args.advisories,
        },
    }))
}

fn rpm(args: AddRpmArgs) -> Result<Value, CliError> {
    let keyring = match args.keyring_file {
        Some(file) => Some(armoured(&file)?),
        None => args.keyring,
    };
    let repositories: Vec<Value> = args.repository.iter().map(|uri| json!({ "uri": uri, "keyring": keyring })).collect();
    Ok(json!({
        "name": args.name,
        "config": { "kind": "rpm", "release": args.release, "repositories": repositories, "architectures": args.architecture },
    }))
}

fn source(line: &str, keyring: &str) -> Result<Value, CliError> {
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(uri), Some(suite)) = (words.next(), words.next()) else {
        return Err(CliError::Usage(format!("{line:?} is not a source: write 'URI SUITE COMPONENT…'")));
    };
    let components: Vec<String> = words.collect();
    if components.is_empty() {
        return Err(CliError::Usage(format!("{line:?} names no component: most archives have main")));
    }
    Ok(json!({ "uri": uri, "suite": suite, "components": components, "keyring": keyring }))
}

fn armoured(path: &Path) -> Result<String, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::File { action: "read", path: path.to_owned(), source })?;
    if text.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
        return Ok(text);
    }
    Err(CliError::Usage(format!("{} is not an armoured keyring: make one with `gpg --export --armor`", path.display())))
}

async fn from_machine(client: &Client, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let made = client.ask("/feeds/from-machine").await?;
    if ui.format != Format::Table {
        return ui.json(&made);
    }
    for note in items(&made, "/notes") {
        ui.note(&format!("note: {}", text(note, "")));
    }
    for skipped in items(&made, "/skipped") {
        ui.note(&format!("skipped: {}", text(skipped, "")));
    }
    ui.list(columns::FEEDS, items(&made, "/created"))
}

async fn history(client: &Client, id: &str, number: Option<u32>, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let Some(number) = number else {
        let syncs = client.get(&format!("/feeds/{id}/syncs"), &[]).await?;
        return ui.list(columns::SYNCS, items(&syncs, "/items"));
    };
    let sync = client.get(&format!("/feeds/{id}/syncs/{number}"), &[]).await?;
    if ui.format == Format::Json {
        return ui.json(&sync);
    }
    let mut rows = Vec::new();
    for what in ["added", "changed", "withdrawn"] {
        let named = items(&sync, &format!("/{what}_patches"));
        rows.extend(named.iter().map(|patch| json!({ "what": what, "id": patch["id"], "title": patch["title"] })));
        let count = sync[what].as_u64().unwrap_or_default();
        if !named.is_empty() && count > named.len() as u64 {
            ui.note(&format!("{count} {what}, the first {} are named.", named.len()));
        }
    }
    ui.list(columns::SYNCED, &rows)
}

async fn switch(client: &Client, feed: &str, enabled: bool, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = find(client, feed).await?;
    let record = client.patch(&format!("/feeds/{id}"), &json!({ "enabled": enabled })).await?;
    ui.done(&format!("{feed} is {}.", if enabled { "enabled" } else { "disabled" }), &record)
}

async fn find(client: &Client, given: &str) -> Result<String, CliError> {
    names::among(client, "feed", "/feeds", "/name", given).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_written_as_in_sources_list() {
        let made = source("https://mirror.example/debian bookworm main contrib", "/usr/share/keyrings/k.gpg").expect("fine");
        assert_eq!(made["components"], json!(["main", "contrib"]));
        for wrong in ["", "https://mirror.example/debian", "https://mirror.example/debian bookworm"] {
            assert!(matches!(source(wrong, "k"), Err(CliError::Usage(_))), "{wrong:?}");
        }
    }
}
