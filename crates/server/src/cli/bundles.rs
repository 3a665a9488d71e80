//! Commands of `fettle catalog` about bundles.

use super::answer::{items, number, text};
use super::client::Client;
use super::error::CliError;
use super::names::plural;
use super::output::{Format, Ui};
use super::{columns, names};
use clap::Args;
use fettle_catalog::bundle::{BundleKey, Manifest, verify};
use serde_json::{Value, json};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What to export, and where to.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// File to write, such as catalog.fettle-catalog
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only what changed since this export; `fettle catalog sources` on the importing server says which it has
    #[arg(long, value_name = "NUMBER")]
    since: Option<u64>,
    /// Days for which the bundle can be imported
    #[arg(long, value_name = "DAYS", default_value_t = crate::api::catalog::body::DAYS)]
    days: u16,
}

/// Whom to trust.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// The key that `fettle catalog key` prints on the exporting server
    key: String,
    /// Name for that server
    #[arg(long)]
    name: String,
}

/// Has the server export its catalog and writes the bundle: the whole file, or none.
pub(super) async fn export(client: &Client, args: ExportArgs, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let path = &args.out;
    let failed = |source| CliError::File { action: "write", path: path.clone(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut whole = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut answer = client.stream_post("/catalog/export", &json!({ "since": args.since, "days": args.days })).await?;
    let mut size = 0_u64;
    while let Some(chunk) = answer.chunk().await.map_err(|source| client.unreachable(source))? {
        whole.write_all(&chunk).map_err(failed)?;
        size += chunk.len() as u64;
    }
    let manifest = read(client, &mut whole, failed).await?;
    // It is carried away at once: it has to be on the stick, not on its way there.
    whole.as_file().sync_all().map_err(failed)?;
    whole.persist(path).map_err(|error| failed(error.error))?;
    let records: u64 = manifest.feeds.iter().map(|entry| entry.written + entry.gone).sum();
    let records = plural(usize::try_from(records).unwrap_or(usize::MAX), "record");
    let what = match manifest.base {
        None => "everything".to_owned(),
        Some(base) => format!("what changed since number {}", base.sequence),
    };
    let feeds = plural(manifest.feeds.len(), "feed");
    let line = format!(
        "Wrote number {} to {}: {what}, {records} of {feeds}, {}. It can be imported until {}.",
        manifest.sequence,
        path.display(),
        columns::bytes(size),
        manifest.expires,
    );
    ui.done(&line, &json!({ "file": path, "bytes": size, "manifest": manifest }))
}

/// Reads the bundle that was written as its importer will, so that what is damaged is not carried anywhere.
async fn read(
    client: &Client,
    file: &mut tempfile::NamedTempFile,
    failed: impl Fn(std::io::Error) -> CliError,
) -> Result<Manifest, CliError> {
    let key = client.get("/catalog/key", &[]).await?;
    let key: BundleKey = text(&key, "/key").parse().map_err(|_| client.misunderstood("a key that is none"))?;
    file.as_file_mut().seek(SeekFrom::Start(0)).map_err(failed)?;
    let signed = verify(file.as_file(), &[key]).map_err(|error| CliError::Failed(format!("the bundle arrived damaged: {error}")))?;
    Ok(signed.manifest().clone())
}

/// Sends a bundle to the server and tells what it did.
pub(super) async fn import(client: &Client, path: &Path, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let failed = |source| CliError::File { action: "read", path: path.to_owned(), source };
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let size = file.metadata().await.map_err(failed)?.len();
    let done = client.send_file(reqwest::Method::POST, "/catalog/import", file, size).await?;
    if ui.format != Format::Table {
        return ui.json(&done);
    }
    let (source, sequence) = (text(&done, "/source"), number(&done, "/sequence"));
    if done["imported"] != Value::Bool(true) {
        return ui.line(&format!("Nothing to do: number {sequence} of {source} was imported before."));
    }
    ui.line(&format!("Imported number {sequence} of {source}."))?;
    for feed in items(&done, "/feeds") {
        ui.line(&story(feed))?;
    }
    Ok(())
}

fn story(feed: &Value) -> String {
    let name = text(feed, "/name");
    let gone = number(feed, "/withdrawn");
    if feed["removed"] == Value::Bool(true) {
        return format!("{name}: removed, as on the exporting server; {gone} withdrawn");
    }
    let (added, changed, total) = (number(feed, "/added"), number(feed, "/changed"), number(feed, "/total"));
    format!("{name}: {added} added, {changed} changed, {gone} withdrawn; {total} in all")
}

/// Prints the key that other servers are told to trust.
pub(super) async fn key(client: &Client, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let key = client.get("/catalog/key", &[]).await?;
    ui.done(&text(&key, "/key"), &key)
}

/// Trusts a server.
pub(super) async fn trust(client: &Client, args: TrustArgs, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let made = client.post("/catalog/sources", &json!({ "name": args.name, "key": args.key })).await?;
    ui.done(&format!("Bundles of {} can be imported now.", text(&made, "/name")), &made)
}

/// Lists the servers that are trusted.
pub(super) async fn sources(client: &Client, ui: &mut Ui<'_>) -> Result<(), CliError> {
    ui.list(columns::CATALOG_SOURCES, &client.all("/catalog/sources", &[], None).await?)
}

/// Trusts a server no more.
pub(super) async fn untrust(client: &Client, given: &str, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = names::among(client, "source", "/catalog/sources", "/name", given).await?;
    client.delete(&format!("/catalog/sources/{id}")).await?;
    ui.done(&format!("{given} is no longer trusted; its feeds are removed."), &json!({ "id": id }))
}
