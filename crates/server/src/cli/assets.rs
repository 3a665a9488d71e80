//! `fettle assets`.

use super::answer::{items, text};
use super::client::{Client, segment};
use super::error::CliError;
use super::names::plural;
use super::output::{Column, Format, Ui};
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
    list: ListArgs,
    #[command(subcommand)]
    command: Option<AssetsCommand>,
}

/// A list of assets.
#[derive(Debug, Default, Args)]
struct ListArgs {
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, Subcommand)]
enum AssetsCommand {
    /// List assets (what `fettle assets` alone does)
    List(ListArgs),
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
        /// Which of them: a query over patches
        #[arg(default_value = "isSuperseded:no")]
        query: String,
        /// Those it misses, or those it has
        #[arg(long, value_parser = ["missing", "installed"], default_value = "missing")]
        status: String,
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

/// Which assets, and in which order.
#[derive(Debug, Default, Args)]
struct Filters {
    /// Which assets: a query such as 'os.name:debian and missingCount>0'; all when left out
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// Miss a patch that satisfies this query over patches, such as 'vendorSeverity:critical'
    #[arg(long, value_name = "QUERY")]
    patches: Option<String>,
    /// With --patches: have such a patch instead
    #[arg(long, requires = "patches")]
    installed: bool,
    /// Those of which nobody can tell instead, since their last good scan is missing or old
    #[arg(long)]
    unknown: bool,
    /// Order: a field such as name or -missingCount
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
}

/// What to show of a list.
#[derive(Debug, Default, Args)]
pub(super) struct Shown {
    /// Only say how many there are
    #[arg(long, conflicts_with_all = ["facets", "limit"])]
    count: bool,
    /// Count by the values of each field that has few
    #[arg(long, conflicts_with = "limit")]
    facets: bool,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Filters {
    fn query(self) -> Vec<(&'static str, String)> {
        let status = self.installed.then(|| "installed".to_owned());
        let truth = self.unknown.then(|| "unknown".to_owned());
        let given = [("query", self.query), ("patches", self.patches), ("status", status), ("truth", truth), ("sort", self.sort)];
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Prints a list, or what was asked of it instead.
pub(super) async fn list(
    client: &Client,
    path: &str,
    mut query: Vec<(&str, String)>,
    shown: &Shown,
    columns: &[Column],
    ui: &mut Ui<'_>,
) -> Result<(), CliError> {
    if shown.facets {
        let facets = client.get(&format!("{path}/facets"), &query).await?;
        return print_facets(&facets, ui);
    }
    if shown.count {
        query.retain(|(name, _)| *name != "sort");
        let found = client.listed(path, &query, Some(0)).await?;
        let record = json!({ "total": found.total, "unknown": found.unknown });
        ui.done(&found.total.to_string(), &record)?;
        return note_unknown(found.unknown, ui);
    }
    let found = client.listed(path, &query, shown.limit).await?;
    ui.list(columns, &found.items)?;
    note_unknown(found.unknown, ui)
}

fn note_unknown(unknown: u64, ui: &Ui<'_>) -> Result<(), CliError> {
    if unknown > 0 {
        let assets = plural(usize::try_from(unknown).unwrap_or(usize::MAX), "asset");
        ui.note(&format!("Nobody knows about {assets} more: the last good scan is missing or old."));
    }
    Ok(())
}

fn print_facets(facets: &Value, ui: &mut Ui<'_>) -> Result<(), CliError> {
    if ui.format == Format::Json {
        return ui.json(facets);
    }
    let mut lines = Vec::new();
    for facet in items(facets, "/facets") {
        for value in items(facet, "/values") {
            lines.push(json!({
                "field": facet["field"], "value": value["value"], "count": value["count"], "term": value["term"],
            }));
        }
    }
    ui.list(columns::FACETS, &lines)
}

/// Runs `fettle assets`.
pub(super) async fn run(globals: &Globals, args: AssetsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(AssetsCommand::List(args.list)) {
        AssetsCommand::List(ListArgs { filters, shown }) => {
            list(&client, "/assets", filters.query(), &shown, columns::ASSETS, ui).await?;
        }
        AssetsCommand::Show { asset } => {
            let asset = client.get(&format!("/assets/{}", names::asset(&client, &asset).await?), &[]).await?;
            ui.record(columns::ASSET, &asset)?;
        }
        AssetsCommand::Packages { asset } => {
            let id = names::asset(&client, &asset).await?;
            ui.list(columns::PACKAGES, &client.all(&format!("/assets/{id}/packages"), &[], None).await?)?;
        }
        AssetsCommand::Patches { asset, query, status } => {
            let id = names::asset(&client, &asset).await?;
            let query = [("query", query), ("status", status)];
            ui.list(columns::ASSET_PATCHES, &client.all(&format!("/assets/{id}/patches"), &query, None).await?)?;
        }
        AssetsCommand::Scan { assets } => scan(&client, &assets, ui).await?,
        AssetsCommand::Tag { asset, add, remove } => tag(&client, &asset, &add, &remove, ui).await?,
        AssetsCommand::Remove { asset, yes } => return remove(&client, &asset, yes, ui).await,
        AssetsCommand::Export { filters, file } => {
            export(&client, "/assets/export", &filters.query(), file.as_deref(), ui).await?;
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
    if ui.format == Format::Table { Ok(()) } else { ui.json(&Value::Array(asked)) }
}

async fn tag(client: &Client, asset: &str, add: &[String], remove: &[String], ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = names::asset(client, asset).await?;
    let record = client.get(&format!("/assets/{id}"), &[]).await?;
    let all = client.all("/tags", &[], None).await?;
    let mut tags: Vec<String> = items(&record, "/tags").iter().map(|tag| text(tag, "/id")).collect();
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
    let now: Vec<String> = items(&record, "/tags").iter().map(|tag| text(tag, "/name")).collect();
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
