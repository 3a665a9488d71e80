//! What others say of vulnerabilities: which are exploited, which probably will be, what they are and how severe.
//!
//! The way: a list is fetched whole and compared by digest; `text` unpacks it; `exploited` and `probability` make facts
//! of it, one for each CVE. The lists carry no signature: what protects them is the address they come from. They decide
//! how urgent a patch looks, never which patch is missing. `records` reads collections of descriptions.

mod exploited;
mod probability;
mod records;
mod text;

pub use exploited::read_exploited;
pub use probability::read_probabilities;
pub use records::read_record;
pub(crate) use records::sync_records;

use crate::error::SyncError;
use crate::feed::{Folders, Location};
use crate::fetch::{Fetched, Fetcher, Sink, Validators};
use crate::progress::{Progress, Step};
use crate::sync::{Content, Fingerprint, Summary, Synced, in_background};
use fettle_model::vulnerability::VulnerabilityFacts;

/// Part of the fingerprint: raise it when the same input makes other facts than before.
const RULES: u32 = 1;
/// Largest list as it is served. All scores of a day have 2 MB packed and 11 MB unpacked.
const MAX_LIST: u64 = 64 * 1024 * 1024;
/// Most entries of a list. There are some 300,000 published vulnerabilities.
const MAX_FACTS: usize = 2_000_000;

/// What a list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Which list it is, as it says itself; empty when it does not.
    pub version: String,
    /// What it says, one for each CVE, ordered by id.
    pub facts: Vec<VulnerabilityFacts>,
    /// What a person should look at.
    pub warnings: Vec<String>,
}

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Packed and damaged.
    #[error("it cannot be unpacked")]
    Damaged(#[source] std::io::Error),
    /// More than any real list.
    #[error("it unpacks to more than {} MiB", text::MAX_UNPACKED / (1024 * 1024))]
    TooLarge,
    /// More entries than any real list.
    #[error("it has more than {0} entries")]
    TooMany(usize),
    /// Not the catalog of known exploited vulnerabilities.
    #[error("it is not a catalog of known exploited vulnerabilities in JSON; check the address")]
    Json(#[source] serde_json::Error),
    /// Not a table of scores.
    #[error("it has no columns cve and epss; check the address")]
    Columns,
    /// No records of single vulnerabilities.
    #[error("it holds no record of a vulnerability in the Open Source Vulnerability format; check the address")]
    NoRecords,
    /// A list that says nothing, which would take away what is known.
    #[error("it says nothing of any vulnerability")]
    Empty,
}

/// What was fetched last, and what was made of it. The list itself is not kept.
#[derive(serde::Serialize, serde::Deserialize)]
struct Known {
    kind: String,
    location: Location,
    validators: Validators,
    fingerprint: Fingerprint,
}

/// Brings a list up to date with one of the readers above, which is the one of its kind.
pub(crate) async fn sync(
    kind: &'static str,
    from: &Location,
    reader: fn(&[u8]) -> Result<List, ListError>,
    since: Option<&Fingerprint>,
    folders: &Folders,
    fetcher: &Fetcher,
    progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    std::fs::create_dir_all(&folders.cache).map_err(SyncError::cache("making", &folders.cache))?;
    let (about, what) = (folders.cache.join("list.json"), "the list".to_owned());
    let known: Option<Known> = std::fs::read(&about).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    // The server is asked for a difference only to what was stored.
    let known = known.filter(|known| known.kind == kind && known.location == *from && since == Some(&known.fingerprint));
    let validators = known.map(|known| known.validators).unwrap_or_default();
    progress.report(&Step::Asking { what: what.clone() });
    let mut sink = Sink::memory(MAX_LIST);
    let told = |received, total| progress.report(&Step::Downloading { what: "the list".to_owned(), received, total });
    let fetched = fetcher.fetch(from, &validators, &mut sink, &told).await;
    let validators = match fetched.map_err(|source| SyncError::Fetch { what: what.clone(), source })? {
        Fetched::NotModified => return Ok(Synced::Unchanged { warnings: Vec::new() }),
        Fetched::Done(validators) => validators,
    };
    let fingerprint = Fingerprint::of([&RULES.to_be_bytes()[..], kind.as_bytes(), from.url().as_str().as_bytes(), &sink.measure().1.0]);
    if since != Some(&fingerprint) {
        progress.report(&Step::Reading { what });
        let bytes = sink.into_bytes();
        let list = in_background(move || reader(&bytes)).await?;
        let List { version, facts, warnings } = list.map_err(|source| SyncError::List { what: from.to_string(), source })?;
        tracing::info!(list = %from, version, facts = facts.len(), "read what is said of vulnerabilities");
        keep(&about, &Known { kind: kind.to_owned(), location: from.clone(), validators, fingerprint: fingerprint.clone() })?;
        let summary = Summary { facts: facts.len(), ..Summary::default() };
        return Ok(Synced::Changed { content: Content::Facts(facts), warnings, summary, fingerprint });
    }
    keep(&about, &Known { kind: kind.to_owned(), location: from.clone(), validators, fingerprint: fingerprint.clone() })?;
    Ok(Synced::Unchanged { warnings: Vec::new() })
}

fn keep(about: &std::path::Path, known: &Known) -> Result<(), SyncError> {
    crate::cache::replace(about, &serde_json::to_vec(known).unwrap_or_default())
}

/// One line of plain text with at most `most` characters.
fn bounded(text: &str, most: usize) -> String {
    let plain = text.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    plain.take(most).collect::<String>().trim_end().to_owned()
}
