//! Where documents come from: the vendor's API, or a folder.

use super::Heads;
use super::document::{Document, MAX_BYTES};
use super::kept::Kept;
use crate::error::SyncError;
use crate::feed::{Location, MicrosoftFeed};
use crate::fetch::{FetchError, Fetcher, Validators};
use crate::progress::{Progress, Step};
use crate::sync::in_background;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Most documents. There is one for each month since April 2016, or one for each vulnerability.
const MAX_DOCUMENTS: usize = 50_000;
/// Largest list of documents.
const MAX_INDEX: u64 = 16 * 1024 * 1024;
/// Endings of names of documents.
const ENDINGS: [&str; 4] = [".xml", ".json", ".xml.gz", ".json.gz"];

/// The API's list of documents.
#[derive(Deserialize)]
struct Index {
    value: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(rename = "ID")]
    id: String,
    #[serde(default)]
    initial_release_date: String,
    #[serde(default)]
    current_release_date: String,
}

/// What the pieces of a sync work with.
pub(super) struct Tools<'a> {
    pub(super) kept: Kept,
    pub(super) fetcher: &'a Fetcher,
    pub(super) progress: &'a dyn Progress,
}

/// Sees to it that all documents are kept, and tells what they are.
pub(super) async fn obtain(feed: &MicrosoftFeed, tools: &Tools<'_>) -> Result<Heads, SyncError> {
    match feed.source.url().to_file_path() {
        Ok(path) if feed.source.url().scheme() == "file" => {
            let mut heads = Heads::default();
            let files = if path.is_dir() { files(&path)? } else { vec![path] };
            for file in files {
                let what = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let location = Location::parse(&file.to_string_lossy()).map_err(|_| unreadable(&file, "its path is no text"))?;
                one(&location, &what, tools, &mut heads).await?;
            }
            Ok(heads)
        }
        _ if is_document(feed.source.url().path()) => {
            let mut heads = Heads::default();
            one(&feed.source, "the document", tools, &mut heads).await?;
            Ok(heads)
        }
        _ => from_api(feed, tools).await,
    }
}

fn is_document(path: &str) -> bool {
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Documents in a folder, by name; other files are passed over.
fn files(folder: &Path) -> Result<Vec<PathBuf>, SyncError> {
    let failed = |source| SyncError::Cache { attempted: "reading", path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.to_str().is_some_and(is_document) && path.is_file() {
            files.push(path);
        }
        if files.len() > MAX_DOCUMENTS {
            return Err(unreadable(folder, "it has more than 50,000 documents"));
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn unreadable(path: &Path, why: &'static str) -> SyncError {
    SyncError::Cache { attempted: "reading", path: path.to_owned(), source: std::io::Error::other(why) }
}

/// A document that is read anew to see whether it changed.
async fn one(location: &Location, what: &str, tools: &Tools<'_>, heads: &mut Heads) -> Result<(), SyncError> {
    let bytes = fetch(location, what, MAX_BYTES, tools).await?;
    let key = Kept::key(&[b"bytes", &bytes]);
    if tools.kept.head(&key).is_none() {
        keep(bytes, what, &key, tools).await?;
    }
    heads.add(key, &tools.kept);
    Ok(())
}

async fn from_api(feed: &MicrosoftFeed, tools: &Tools<'_>) -> Result<Heads, SyncError> {
    tools.progress.report(&Step::Asking { what: "the list of security documents".to_owned() });
    let bytes = fetch(&feed.source.below("updates"), "the list of security documents", MAX_INDEX, tools).await?;
    let damaged =
        |flaw: String| SyncError::Document { what: "the list of security documents".to_owned(), source: super::Flaw::NotWellFormed(flaw) };
    let index: Index = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    let is_wanted = |entry: &&Entry| feed.since.as_deref().is_none_or(|since| entry.initial_release_date.as_str() >= since);
    let mut heads = Heads::default();
    for entry in index.value.iter().filter(is_wanted).take(MAX_DOCUMENTS) {
        if entry.id.is_empty() || entry.id.len() > 64 || !entry.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(damaged(format!("{:?} is no id of a document", entry.id.chars().take(64).collect::<String>())));
        }
        let location = feed.source.below(&format!("cvrf/{}", entry.id));
        let key = Kept::key(&[b"revision", location.to_string().as_bytes(), entry.current_release_date.as_bytes()]);
        if tools.kept.head(&key).is_none() {
            let bytes = fetch(&location, &entry.id, MAX_BYTES, tools).await?;
            keep(bytes, &entry.id, &key, tools).await?;
        }
        heads.add(key, &tools.kept);
    }
    Ok(heads)
}

async fn fetch(location: &Location, what: &str, limit: u64, tools: &Tools<'_>) -> Result<Vec<u8>, SyncError> {
    let failed = |source: FetchError| SyncError::Fetch { what: what.to_owned(), source };
    Ok(tools.fetcher.accepting("application/json").fetch_bytes(location, &Validators::default(), limit).await.map_err(failed)?.1)
}

/// Reads a document where that does not hold up others, and keeps it.
async fn keep(bytes: Vec<u8>, what: &str, key: &str, tools: &Tools<'_>) -> Result<(), SyncError> {
    tools.progress.report(&Step::Reading { what: what.to_owned() });
    let read = in_background(move || Document::read(&super::unpack(bytes)?)).await?;
    let document = read.map_err(|source| SyncError::Document { what: what.to_owned(), source })?;
    tools.kept.put(key, &document)
}
