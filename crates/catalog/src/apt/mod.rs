//! apt repositories: signed `Release`, package indexes, and the patches made of them.
//!
//! The way: `repository` fetches `Release` and has `signature` verify it; `release` reads it; `index` chooses,
//! fetches, checks and unpacks the package indexes; `packages` reads their entries; `candidates` finds what would
//! be installed; `patches` groups that into patches, joins the advisories that `advisory_lists` fetched and has
//! `supersedence` order them.

mod advisory_lists;
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

use crate::advisories::AdvisoryList;
use crate::error::SyncError;
use crate::feed::{AptSource, DebianFeed, Folders};
use crate::fetch::Fetcher;
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
const RULES: u32 = 3;
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
    let lists = advisory_lists::fetch(feed, &tools, &mut warnings).await?;
    let fingerprint = fingerprint(name, feed, &repositories, &lists);
    if since == Some(&fingerprint) {
        return Ok(Synced::Unchanged { warnings: cut(warnings) });
    }
    let (shelves, sources) = read_all(repositories, &shelf_folder, &tools).await?;
    let list = advisory_lists::read(&lists, feed, &mut warnings);
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
fn fingerprint(name: &str, feed: &DebianFeed, repositories: &[Repository<'_>], lists: &[Vec<u8>]) -> Fingerprint {
    let configuration = serde_json::to_vec(feed).unwrap_or_default();
    let mut parts = vec![RULES.to_be_bytes().to_vec(), name.as_bytes().to_vec(), configuration];
    for repository in repositories {
        parts.push(repository.release.origin.clone().into_bytes());
        parts.extend(repository.indexes.iter().flat_map(|index| [index.index.what.clone().into_bytes(), index.index.content().0.to_vec()]));
    }
    parts.extend(lists.iter().map(|bytes| Sha256::digest(bytes).to_vec()));
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

fn cut(mut warnings: Vec<String>) -> Vec<String> {
    let more = warnings.len().saturating_sub(MAX_WARNINGS);
    if more > 0 {
        warnings.truncate(MAX_WARNINGS);
        warnings.push(format!("{more} more warnings"));
    }
    warnings
}
