//! The vendor's monthly security documents about Windows and what runs on it, and the patches made of them.
//!
//! The way: `source` finds documents and fetches those that are new or were revised; `document` reads them, whichever
//! format they are in (`cvrf_xml` over `xml`, `cvrf_json`, `csaf`); `kept` keeps what was read; of several revisions of
//! one document the newest counts; `patches` makes one patch of each article, and `rule` says which systems it is for.
//!
//! The documents are not signed. What protects them is `https` to the vendor, or whoever carried the folder in.

mod article;
mod csaf;
mod cvrf_json;
mod cvrf_xml;
mod document;
mod kept;
mod patches;
mod rule;
mod source;
mod unverified;

pub use document::Flaw;
pub use unverified::{Stated, StatedFix, stated, unverified_patches};

use crate::error::SyncError;
use crate::feed::{Folders, MicrosoftFeed};
use crate::fetch::Fetcher;
use crate::progress::{Progress, Step};
use crate::sync::{Content, Fingerprint, SourceSummary, Summary, Synced, in_background};
use document::MAX_BYTES;
use fettle_model::clock::Clock;
use fettle_model::patch::Patch;
use jiff::Timestamp;
use kept::{Head, Kept};
use patches::Shelf;
use source::Tools;
use std::collections::BTreeMap;
use std::io::Read;

/// Part of the fingerprint: raise it when the same documents make other patches than before.
const RULES: u32 = 1;

/// The newest revision of each document, by id, with its key.
#[derive(Debug, Default)]
struct Heads(BTreeMap<String, (Head, String)>);

impl Heads {
    fn add(&mut self, key: String, kept: &Kept) {
        let Some(head) = kept.head(&key) else { return };
        match self.0.get(&head.id) {
            Some((known, other)) if (known.standing, other) >= (head.standing, &key) => {}
            _ => {
                self.0.insert(head.id.clone(), (head, key));
            }
        }
    }

    /// From the oldest to the newest.
    fn ordered(&self) -> Vec<&(Head, String)> {
        let mut ordered: Vec<&(Head, String)> = self.0.values().collect();
        ordered.sort_by_key(|(head, _)| (head.published, head.standing, &head.id));
        ordered
    }
}

pub(crate) async fn sync(
    name: &str,
    feed: &MicrosoftFeed,
    since: Option<&Fingerprint>,
    folders: &Folders,
    fetcher: &Fetcher,
    clock: &dyn Clock,
    progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    let tools = Tools { kept: Kept::open(&folders.cache)?, fetcher, progress };
    let heads = source::obtain(feed, &tools).await?;
    let warnings = warnings(&heads, feed);
    let keys = heads.0.values().map(|(_, key)| key.clone()).collect();
    let parts: Vec<&[u8]> = heads.0.values().map(|(_, key)| key.as_bytes()).collect();
    let config = serde_json::to_vec(feed).unwrap_or_default();
    let fingerprint = Fingerprint::of([&[&RULES.to_be_bytes()[..], name.as_bytes(), &config], &parts[..]].concat());
    if since == Some(&fingerprint) {
        return Ok(Synced::Unchanged { warnings });
    }
    progress.report(&Step::Merging { packages: 0, advisories: heads.0.len() });
    let (name, now) = (name.to_owned(), clock.now());
    let made = in_background(move || make(&name, &heads, &tools.kept, now)).await?;
    let (patches, summary) = made?;
    // Not before: what was read would have to be read again if this did not come to its end.
    Kept::open(&folders.cache)?.prune(&keys);
    Ok(Synced::Changed { content: Content::Patches(patches), warnings, summary, fingerprint })
}

fn warnings(heads: &Heads, feed: &MicrosoftFeed) -> Vec<String> {
    let nothing = format!("there are no security documents at {}; their names end in .xml, .json, .xml.gz or .json.gz", feed.source);
    if heads.0.is_empty() { vec![nothing] } else { Vec::new() }
}

fn make(name: &str, heads: &Heads, kept: &Kept, now: Timestamp) -> Result<(Vec<Patch>, Summary), SyncError> {
    let mut shelf = Shelf::default();
    let mut sources = Vec::new();
    for (head, key) in heads.ordered() {
        let lost = || SyncError::cache("reading", key.as_str())(std::io::Error::other("a document that was read is gone; try again"));
        let document = kept.get(key).ok_or_else(lost)?;
        sources.push(SourceSummary {
            uri: head.id.clone(),
            suite: String::new(),
            origin: "Microsoft".to_owned(),
            date: head.standing.0.or(head.published).unwrap_or(now),
            valid_until: None,
            signed_by: Vec::new(),
            packages: document.vulnerabilities.len(),
        });
        shelf.add(document);
    }
    let (left_out, advisories) = (shelf.left_out, shelf.vulnerabilities);
    let patches = shelf.patches(name);
    let summary = Summary { sources, packages: 0, advisories, patches: patches.len(), security: patches.len(), left_out, facts: 0 };
    Ok((patches, summary))
}

/// Unpacks what is packed with gzip, up to the largest document.
fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, Flaw> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice());
    decoder.take(MAX_BYTES + 1).read_to_end(&mut unpacked).map_err(|error| Flaw::NotWellFormed(error.to_string()))?;
    if unpacked.len() as u64 > MAX_BYTES {
        return Err(Flaw::TooMuch { what: "bytes", limit: usize::try_from(MAX_BYTES).unwrap_or(usize::MAX) });
    }
    Ok(unpacked)
}
