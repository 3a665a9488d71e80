//! apt repositories: signed `Release`, package indexes, and the patches made of them.
//!
//! The way: `repository` fetches `Release` and has `signature` verify it; `release` reads it; `index` chooses,
//! fetches, checks and unpacks the package indexes; `packages` reads their entries; `candidates` finds what would
//! be installed; `patches` groups that into patches, joins the advisories and has `supersedence` order them.

mod candidates;
mod error;
mod index;
mod kernel;
mod packages;
mod patches;
mod release;
mod repository;
mod unverified;

pub use error::ReleaseError;
pub use unverified::{Unreadable, UnverifiedIndex, unverified_patches};

use crate::advisories::{self, AdvisoryList, MAX_LIST};
use crate::cache;
use crate::error::SyncError;
use crate::feed::{AptSource, DebianFeed, Folders, Location};
use crate::fetch::{Fetched, Fetcher, Validators};
use crate::index::{self as files, IndexFile};
use crate::progress::{Progress, Step};
use crate::sync::{Content, Fingerprint, SourceSummary, Summary, Synced, in_background};
use crate::verified::Verified;
use candidates::Shelf;
use fettle_model::clock::Clock;
use fettle_model::patch::{Category, Patch};
use index::Chosen;
use patches::Publisher;
use release::Release;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// Part of the fingerprint: raise it when the same input makes other patches than before.
const RULES: u32 = 2;
/// Most warnings of one sync.
const MAX_WARNINGS: usize = 20;

/// A repository that may be used, and what is wanted of it.
struct Repository<'a> {
    source: &'a AptSource,
    release: Release,
    indexes: Vec<Chosen>,
}

/// What the pieces of a sync work with.
struct Tools<'a> {
    folders: &'a Folders,
    fetcher: &'a Fetcher,
    progress: &'a dyn Progress,
}

pub(crate) async fn sync(
    name: &str,
    feed: &DebianFeed,
    since: Option<&Fingerprint>,
    folders: &Folders,
    fetcher: &Fetcher,
    clock: &dyn Clock,
    progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    let tools = Tools { folders, fetcher, progress };
    let shelf_folder = folders.cache.join("index");
    std::fs::create_dir_all(&shelf_folder).map_err(SyncError::cache("making", &shelf_folder))?;
    let mut warnings = Vec::new();
    let mut repositories = Vec::new();
    for source in &feed.sources {
        repositories.push(ask(source, feed, &tools, clock, &mut warnings).await?);
    }
    let advisory_bytes = match &feed.advisories {
        Some(location) => fetch_advisories(feed, location, &tools, &mut warnings).await?,
        None => None,
    };
    let fingerprint = fingerprint(name, feed, &repositories, advisory_bytes.as_deref());
    if since == Some(&fingerprint) {
        return Ok(Synced::Unchanged { warnings: cut(warnings) });
    }
    let (shelves, sources) = read_all(repositories, &shelf_folder, &tools).await?;
    let list = read_advisories(advisory_bytes, feed, &mut warnings);
    let packages = shelves.iter().map(|shelf| shelf.packages.len()).sum();
    progress.report(&Step::Merging { packages, advisories: list.advisories.len() });
    let advisories = list.advisories.len();
    let vendor = sources.iter().map(|source| source.origin.clone()).find(|origin| !origin.is_empty()).unwrap_or_default();
    let work = Merge { name: name.to_owned(), vendor, feed: feed.clone(), shelves, list };
    let patches = in_background(move || work.patches()).await?;
    let security = patches.iter().filter(|patch| patch.category == Category::Security).count();
    let summary = Summary { sources, packages, advisories, patches: patches.len(), security, left_out: 0, facts: 0 };
    Ok(Synced::Changed { content: Content::Patches(patches), warnings: cut(warnings), summary, fingerprint })
}

/// Asks a repository what it has, and whether it may be used.
async fn ask<'a>(
    source: &'a AptSource,
    feed: &DebianFeed,
    tools: &Tools<'_>,
    clock: &dyn Clock,
    warnings: &mut Vec<String>,
) -> Result<Repository<'a>, SyncError> {
    tools.progress.report(&Step::Asking { what: source.suite.clone() });
    let release = repository::release(source, &tools.folders.cache, tools.fetcher, warnings).await?;
    let refused = |error| SyncError::Release { what: source.suite.clone(), source: error };
    release.check(&source.suite, &feed.release, clock.now()).map_err(refused)?;
    let indexes = index::choose(source, &release, &feed.architectures, warnings).map_err(refused)?;
    Ok(Repository { source, release, indexes })
}

/// Stands for everything that patches are made of.
fn fingerprint(name: &str, feed: &DebianFeed, repositories: &[Repository<'_>], advisories: Option<&[u8]>) -> Fingerprint {
    let configuration = serde_json::to_vec(feed).unwrap_or_default();
    let advisories = advisories.map(|bytes| Sha256::digest(bytes).to_vec()).unwrap_or_default();
    let mut parts = vec![RULES.to_be_bytes().to_vec(), name.as_bytes().to_vec(), configuration];
    for repository in repositories {
        parts.push(repository.release.origin.clone().into_bytes());
        parts.extend(repository.indexes.iter().flat_map(|index| [index.index.what.clone().into_bytes(), index.index.content().0.to_vec()]));
    }
    parts.push(advisories);
    Fingerprint::of(parts)
}

/// Fetches, checks and reads all indexes.
async fn read_all(
    repositories: Vec<Repository<'_>>,
    folder: &Path,
    tools: &Tools<'_>,
) -> Result<(Vec<Shelf>, Vec<SourceSummary>), SyncError> {
    let mut shelves = Vec::new();
    let mut summaries = Vec::new();
    let mut wanted = BTreeSet::new();
    for repository in repositories {
        let Repository { source, release, indexes } = repository;
        let mut packages = 0;
        for chosen in indexes {
            wanted.insert(chosen.index.file_name());
            let file = files::obtain(&chosen.index, folder, tools.fetcher, tools.progress).await?;
            tools.progress.report(&Step::Reading { what: chosen.index.what.clone() });
            let shelf = read_index(source, chosen, file).await?;
            packages += shelf.packages.len();
            shelves.push(shelf);
        }
        summaries.push(SourceSummary {
            uri: source.uri.to_string(),
            suite: source.suite.clone(),
            origin: release.origin,
            date: release.date,
            valid_until: release.valid_until,
            signed_by: release.signed_by,
            packages,
        });
    }
    files::prune(folder, &wanted);
    Ok((shelves, summaries))
}

async fn read_index(source: &AptSource, chosen: Chosen, file: Verified<IndexFile>) -> Result<Shelf, SyncError> {
    let packages = in_background(move || files::unpack(file, packages::read)).await?;
    let packages = packages.map_err(|error| SyncError::Index { what: chosen.index.what.clone(), source: error })?;
    Ok(Shelf {
        base: !source.suite.contains(['-', '/']),
        security: source.suite.contains("-security"),
        architecture: chosen.architecture,
        packages,
    })
}

/// What patches are made of.
struct Merge {
    name: String,
    vendor: String,
    feed: DebianFeed,
    shelves: Vec<Shelf>,
    list: AdvisoryList,
}

impl Merge {
    fn patches(&self) -> Vec<Patch> {
        let candidates = candidates::candidates(&self.shelves, &self.feed.architectures);
        let vendor = if self.vendor.is_empty() { self.feed.release.distribution() } else { &self.vendor };
        let publisher = Publisher { feed: &self.name, vendor, release: &self.feed.release };
        patches::make(&publisher, candidates, &self.list.advisories)
    }
}

/// Fetches the advisory list. When that fails, or what comes is no such list, the last good copy is used: patches
/// keep their names until the list can be had again.
async fn fetch_advisories(
    feed: &DebianFeed,
    location: &Location,
    tools: &Tools<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<Vec<u8>>, SyncError> {
    tools.progress.report(&Step::Asking { what: "advisories".to_owned() });
    let (copy, about) = (tools.folders.cache.join("advisories"), tools.folders.cache.join("advisories.json"));
    let kept = std::fs::read(&copy).ok();
    let known: Option<KeptAdvisories> = std::fs::read(&about).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    // A copy from another address is no copy of this list.
    let known = known.filter(|known| known.location == *location);
    let kept = kept.filter(|_| known.is_some());
    let validators = known.filter(|_| kept.is_some()).map(|known| known.validators).unwrap_or_default();
    let trouble = match tools.fetcher.hurried().fetch_bytes(location, &validators, MAX_LIST).await {
        Ok((Fetched::NotModified, _)) => return Ok(kept),
        Ok((Fetched::Done(validators), bytes)) => match advisories::read(&bytes, &feed.release) {
            Ok(_) => {
                let about_bytes = serde_json::to_vec(&KeptAdvisories { location: location.clone(), validators });
                cache::replace(&copy, &bytes)?;
                cache::replace(&about, &about_bytes.unwrap_or_default())?;
                return Ok(Some(bytes));
            }
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    let instead = if kept.is_some() { "the last good copy is used" } else { "patches carry no advisories until it can be had" };
    warnings.push(format!("the advisory list could not be used, {instead}: {trouble}"));
    Ok(kept)
}

/// Where the kept advisory list came from.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct KeptAdvisories {
    location: Location,
    validators: Validators,
}

fn read_advisories(bytes: Option<Vec<u8>>, feed: &DebianFeed, warnings: &mut Vec<String>) -> AdvisoryList {
    let list = bytes.map(|bytes| advisories::read(&bytes, &feed.release));
    match list {
        Some(Ok(mut list)) => {
            warnings.append(&mut list.warnings);
            list
        }
        Some(Err(error)) => {
            warnings.push(format!("the kept advisory list could not be read: {error}"));
            AdvisoryList { advisories: Vec::new(), warnings: Vec::new() }
        }
        None => AdvisoryList { advisories: Vec::new(), warnings: Vec::new() },
    }
}

fn cut(mut warnings: Vec<String>) -> Vec<String> {
    let more = warnings.len().saturating_sub(MAX_WARNINGS);
    if more > 0 {
        warnings.truncate(MAX_WARNINGS);
        warnings.push(format!("{more} more warnings"));
    }
    warnings
}
