//! The lists of advisories that a feed names: fetched, kept, read as one.

use super::Tools;
use crate::advisories::{self, AdvisoryList, MAX_LIST};
use crate::cache;
use crate::error::SyncError;
use crate::feed::{DebianFeed, Location};
use crate::fetch::{Fetched, Validators};
use crate::index as files;
use crate::progress::Step;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

/// Where a kept list came from.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Kept {
    location: Location,
    validators: Validators,
}

/// Fetches the lists. Where that fails, or what comes is no such list, the last good copy is used: patches keep their
/// names until the list can be had again. One that was never had is left out.
pub(super) async fn fetch(feed: &DebianFeed, tools: &Tools<'_>, warnings: &mut Vec<String>) -> Result<Vec<Vec<u8>>, SyncError> {
    let folder = tools.folders.cache.join("advisories");
    // Before several lists could be named, the one list was a file of this name.
    if folder.is_file() {
        std::fs::remove_file(&folder).map_err(SyncError::cache("removing", &folder))?;
    }
    std::fs::create_dir_all(&folder).map_err(SyncError::cache("making", &folder))?;
    let mut lists = Vec::new();
    let mut wanted = BTreeSet::new();
    for location in &feed.advisories {
        let name = HEXLOWER.encode(&Sha256::digest(location.to_string()));
        wanted.extend([name.clone(), about(&name)]);
        lists.extend(fetch_one(feed, location, (&folder, &name), tools, warnings).await?);
    }
    files::prune(&folder, &wanted);
    Ok(lists)
}

fn about(name: &str) -> String {
    format!("{name}.json")
}

async fn fetch_one(
    feed: &DebianFeed,
    location: &Location,
    (folder, name): (&Path, &str),
    tools: &Tools<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<Vec<u8>>, SyncError> {
    tools.progress.report(&Step::Asking { what: "advisories".to_owned() });
    let (copy, about) = (folder.join(name), folder.join(about(name)));
    let kept = std::fs::read(&copy).ok();
    let known: Option<Kept> = std::fs::read(&about).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    // A copy from another address is no copy of this list.
    let known = known.filter(|known| known.location == *location);
    let kept = kept.filter(|_| known.is_some());
    let validators = known.filter(|_| kept.is_some()).map(|known| known.validators).unwrap_or_default();
    let trouble = match tools.fetcher.hurried().fetch_bytes(location, &validators, MAX_LIST).await {
        Ok((Fetched::NotModified, _)) => return Ok(kept),
        Ok((Fetched::Done(validators), bytes)) => match advisories::read(&bytes, &feed.release) {
            Ok(_) => {
                let about_bytes = serde_json::to_vec(&Kept { location: location.clone(), validators });
                cache::replace(&copy, &bytes)?;
                cache::replace(&about, &about_bytes.unwrap_or_default())?;
                return Ok(Some(bytes));
            }
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    let instead = if kept.is_some() { "the last good copy is used" } else { "patches carry no advisories until it can be had" };
    let which = if feed.advisories.len() > 1 { format!(" {location}") } else { String::new() };
    warnings.push(format!("the advisory list{which} could not be used, {instead}: {trouble}"));
    Ok(kept)
}

/// Reads the lists as one. An advisory that stands in several is taken from the first.
pub(super) fn read(lists: &[Vec<u8>], feed: &DebianFeed, warnings: &mut Vec<String>) -> AdvisoryList {
    let mut all = AdvisoryList { advisories: Vec::new(), warnings: Vec::new() };
    let mut known = HashSet::new();
    for bytes in lists {
        match advisories::read(bytes, &feed.release) {
            Ok(mut list) => {
                warnings.append(&mut list.warnings);
                all.advisories.extend(list.advisories.into_iter().filter(|advisory| known.insert(advisory.id.clone())));
            }
            Err(error) => warnings.push(format!("a kept advisory list could not be read: {error}")),
        }
    }
    all
}
