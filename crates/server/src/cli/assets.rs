//! `fettle assets`.

use super::answer::text;
use super::client::{Client, segment};
use super::error::CliError;
use super::output::Ui;
use super::{Globals, columns, names};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `fettle assets`; without a command it lists.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AssetsArgs {
    #[command(flatten)]
    list: Filters,
    #[command(subcommand)]
    command: Option<AssetsCommand>,
}

#[derive(Debug, Subcommand)]
enum AssetsCommand {
    /// List assets (what `fettle assets` alone does)
    List(Filters),
    /// Show one asset
    Show {
        /// Name or id
        asset: String,
    },
    /// List the packages of one asset
    Packages {
        /// Name or id
        asset: String,
    },
    /// List the patches that one asset misses or has
    Patches {
        /// Name or id
        asset: String,
        /// Only those it misses, or only those it has
        #[arg(long, value_parser = ["missing", "installed"])]
        status: Option<String>,
        /// Superseded ones, too
        #[arg(long)]
        all: bool,
    },
    /// Ask assets to scan now
    Scan {
        /// Names or ids
        #[arg(required = true)]
        assets: Vec<String>,
    },
    /// Give tags to an asset, or take them away
    Tag {
        /// Name or id
        asset: String,
        /// Tags to give: names, paths (Sites/Berlin) or ids
        #[arg(long, value_name = "TAG", num_args = 1..)]
        add: Vec<String>,
        /// Tags to take away
        #[arg(long, value_name = "TAG", num_args = 1.., required_unless_present = "add")]
        remove: Vec<String>,
    },
    /// Remove an asset and revoke its agent's certificate
    Remove {
        /// Name or id
        asset: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Download the list as CSV, as the server makes it
    Export {
        #[command(flatten)]
        filters: Filters,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// What a list of assets is narrowed to.
#[derive(Debug, Default, Args)]
struct Filters {
    /// Words in name, operating system or address
    #[arg(long, short, value_name = "TEXT")]
    query: Option<String>,
    /// Carries one of these tags, or one below them
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Distribution release, such as debian/bookworm
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Operating system's name, as the list shows it
    #[arg(long, value_name = "NAME")]
    os: Option<String>,
    /// How the last scan went
    #[arg(long, value_name = "STATUS", value_parser = ["never_scanned", "scanning", "scanned", "scan_failed", "unsupported", "stale"])]
    scan_status: Option<String>,
    /// Agent connected now
    #[arg(long, value_name = "BOOL")]
    online: Option<bool>,
    /// Misses this patch
    #[arg(long, value_name = "PATCH")]
    missing: Option<String>,
    /// Has this patch
    #[arg(long, value_name = "PATCH")]
    installed: Option<String>,
    /// Should be restarted
    #[arg(long, value_name = "BOOL")]
    reboot_pending: Option<bool>,
    /// Order, such as name or -latest_missing
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Filters {
    async fn query(&self, client: &Client) -> Result<Vec<(&'static str, String)>, CliError> {
        let mut tags = Vec::new();
        for given in &self.tag {
            tags.push(names::tag(client, given).await?);
        }
        let given = [
            ("q", self.query.clone()),
            ("tag", Some(tags.join(",")).filter(|tags| !tags.is_empty())),
            ("release", self.release.clone()),
            ("os", self.os.clone()),
            ("scan_status", self.scan_status.clone()),
            ("online", self.online.map(|yes| yes.to_string())),
            ("missing_patch", self.missing.clone()),
            ("installed_patch", self.installed.clone()),
            ("reboot_pending", self.reboot_pending.map(|yes| yes.to_string())),
            ("sort", self.sort.clone()),
        ];
        Ok(given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }
}

/// Runs `fettle assets`.
pub(super) async fn run(globals: &Globals, args: AssetsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(AssetsCommand::List(args.list)) {
        AssetsCommand::List(filters) => {
            let query = filters.query(&client).await?;
            let found = client.all("/assets", &query, filters.limit).await?;
            ui.list(columns::ASSETS, &found)?;
        }
        AssetsCommand::Show { asset } => {
            let asset = client.get(&format!("/assets/{}", names::asset(&client, &asset).await?), &[]).await?;
            ui.record(columns::ASSET, &asset)?;
        }
        AssetsCommand::Packages { asset } => {
            let id = names::asset(&client, &asset).await?;
            ui.list(columns::PACKAGES, &client.all(&format!("/assets/{id}/packages"), &[], None).await?)?;
        }
        AssetsCommand::Patches { asset, status, all } => {
            let id = names::asset(&client, &asset).await?;
            let mut query = vec![("latest", (!all).to_string())];
            query.extend(status.map(|status| ("status", status)));
            ui.list(columns::ASSET_PATCHES, &client.all(&format!("/assets/{id}/patches"), &query, None).await?)?;
        }
        AssetsCommand::Scan { assets } => scan(&client, &assets, ui).await?,
        AssetsCommand::Tag { asset, add, remove } => tag(&client, &asset, &add, &remove, ui).await?,
        AssetsCommand::Remove { asset, yes } => return remove(&client, &asset, yes, ui).await,
        AssetsCommand::Export { filters, file } => {
            let query = filters.query(&client).await?;
            export(&client, "/assets/export", &query, file.as_deref(), ui).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn scan(client: &Client, assets: &[String], ui: &mut Ui<'_>) -> Result<(), CliError> {
    let mut asked = Vec::new();
    for given in assets {
        let id = names::asset(client, given).await?;
        client.ask(&format!("/assets/{id}/scan")).await?;
        ui.say(&format!("{given}: asked to scan"))?;
        asked.push(json!({ "id": id }));
    }
    if ui.format == super::output::Format::Table { Ok(()) } else { ui.json(&Value::Array(asked)) }
}

async fn tag(client: &Client, asset: &str, add: &[String], remove: &[String], ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = names::asset(client, asset).await?;
    let record = client.get(&format!("/assets/{id}"), &[]).await?;
    let all = client.all("/tags", &[], None).await?;
    let mut tags: Vec<String> = super::answer::items(&record, "/tags").iter().map(|tag| text(tag, "/id")).collect();
    for given in remove {
        let tag = names::tag_among(&all, given)?;
        tags.retain(|carried| *carried != tag);
    }
    for given in add {
        let tag = names::tag_among(&all, given)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    client.put(&format!("/assets/{id}/tags"), &json!({ "tags": tags })).await?;
    let record = client.get(&format!("/assets/{id}"), &[]).await?;
    let now: Vec<String> = super::answer::items(&record, "/tags").iter().map(|tag| text(tag, "/name")).collect();
    let list = if now.is_empty() { "no tags".to_owned() } else { now.join(", ") };
    ui.done(&format!("{} now carries {list}.", text(&record, "/name")), &record)
}

async fn remove(client: &Client, asset: &str, yes: bool, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let id = names::asset(client, asset).await?;
    if !yes && !super::prompt::confirm(&format!("Remove {asset} and revoke its agent's certificate?"))? {
        ui.note("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    client.delete(&format!("/assets/{id}")).await?;
    ui.done(&format!("{asset} is removed; its agent is refused from now on."), &json!({ "id": id }))?;
    Ok(ExitCode::SUCCESS)
}

/// Streams a CSV that the server makes to standard output or a file, which appears only when it is whole.
pub(super) async fn export(
    client: &Client,
    path: &str,
    query: &[(&str, String)],
    file: Option<&Path>,
    ui: &mut Ui<'_>,
) -> Result<(), CliError> {
    let mut answer = client.stream(path, query).await?;
    let Some(path) = file else {
        while let Some(chunk) = answer.chunk().await.map_err(|source| client.unreachable(source))? {
            ui.out.write_all(&chunk).map_err(CliError::from_output)?;
        }
        return ui.out.flush().map_err(CliError::from_output);
    };
    let failed = |source| CliError::File { action: "write", path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut whole = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut size = 0_u64;
    while let Some(chunk) = answer.chunk().await.map_err(|source| client.unreachable(source))? {
        whole.write_all(&chunk).map_err(failed)?;
        size += chunk.len() as u64;
    }
    whole.persist(path).map_err(|error| failed(error.error))?;
    ui.done(&format!("Wrote {} to {}.", columns::bytes(size), path.display()), &json!({ "file": path, "bytes": size }))
}

/// A path below a record named by text that may hold any character.
pub(super) fn below(list: &str, id: &str) -> String {
    format!("{list}/{}", segment(id))
}
