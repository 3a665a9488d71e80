//! Repositories of RPM packages: the list of their files, packages and advisories, and the patches made of them.
//!
//! The way: `repository` fetches `repomd.xml` and has its signature verified, where there is one; `repomd` reads it;
//! `index` fetches, checks and unpacks the files that it states; `primary` reads packages, `updateinfo`
//! advisories; `patches` makes patches of both.

mod error;
mod patches;
mod primary;
mod repomd;
mod repository;
mod unverified;
mod updateinfo;

pub use error::RepositoryError;
pub use unverified::unverified_patches;

use crate::error::SyncError;
use crate::feed::{Folders, RpmFeed};
use crate::fetch::Fetcher;
use crate::index::{self, Index, IndexError};
use crate::progress::{Progress, Step};
use crate::sync::{Content, Fingerprint, SourceSummary, Summary, Synced, in_background};
use fettle_model::patch::Category;
use primary::Package;
use repository::Repository;
use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::Path;

/// Part of the fingerprint: raise it when the same input makes other patches than before.
const RULES: u32 = 1;

/// What a sync reads of all repositories.
#[derive(Debug, Default)]
struct Read {
    packages: Vec<Package>,
    advisories: updateinfo::List,
}

pub(crate) async fn sync(
    name: &str,
    feed: &RpmFeed,
    since: Option<&Fingerprint>,
    folders: &Folders,
    fetcher: &Fetcher,
    progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    let folder = folders.cache.join("index");
    std::fs::create_dir_all(&folder).map_err(SyncError::cache("making", &folder))?;
    let mut warnings = Vec::new();
    let mut repositories = Vec::new();
    for source in &feed.repositories {
        progress.report(&Step::Asking { what: source.uri.to_string() });
        repositories.push(repository::ask(source, &folders.cache, fetcher, &mut warnings).await?);
    }
    let fingerprint = fingerprint(name, feed, &repositories);
    if since == Some(&fingerprint) {
        return Ok(Synced::Unchanged { warnings });
    }
    let (read, sources) = read_all(&repositories, feed, &folder, fetcher, progress).await?;
    if read.advisories.advisories.is_empty() {
        warnings.push("no advisory for this release was found: nothing will count as a security update".to_owned());
    }
    let (packages, advisories, left_out) = (read.packages.len(), read.advisories.advisories.len(), read.advisories.left_out);
    progress.report(&Step::Merging { packages, advisories });
    let (name, feed) = (name.to_owned(), feed.clone());
    let patches = in_background(move || {
        let publisher = patches::Publisher { feed: &name, release: &feed.release, architectures: &feed.architectures };
        patches::make(&publisher, &read.packages, &read.advisories.advisories)
    })
    .await?;
    let security = patches.iter().filter(|patch| patch.category == Category::Security).count();
    let summary = Summary { sources, packages, advisories, patches: patches.len(), security, left_out, facts: 0 };
    Ok(Synced::Changed { content: Content::Patches(patches), warnings, summary, fingerprint })
}

/// Stands for everything that patches are made of.
fn fingerprint(name: &str, feed: &RpmFeed, repositories: &[Repository<'_>]) -> Fingerprint {
    let mut parts = vec![RULES.to_be_bytes().to_vec(), name.as_bytes().to_vec(), serde_json::to_vec(feed).unwrap_or_default()];
    for index in repositories.iter().flat_map(|repository| [Some(&repository.packages), repository.advisories.as_ref()]) {
        parts.push(index.map(|index| index.content().0.to_vec()).unwrap_or_default());
    }
    Fingerprint::of(parts)
}

/// Fetches, checks and reads all files.
async fn read_all(
    repositories: &[Repository<'_>],
    feed: &RpmFeed,
    folder: &Path,
    fetcher: &Fetcher,
    progress: &dyn Progress,
) -> Result<(Read, Vec<SourceSummary>), SyncError> {
    let (mut all, mut summaries, mut wanted) = (Read::default(), Vec::new(), BTreeSet::new());
    let files = Files { folder, fetcher, progress };
    for repository in repositories {
        wanted.extend([Some(&repository.packages), repository.advisories.as_ref()].into_iter().flatten().map(Index::file_name));
        let mut packages = files.read(&repository.packages, primary::read).await?;
        summaries.push(SourceSummary {
            uri: repository.source.uri.to_string(),
            suite: String::new(),
            origin: String::new(),
            date: repository.date,
            valid_until: None,
            signed_by: repository.signed_by.clone(),
            packages: packages.len(),
        });
        all.packages.append(&mut packages);
        if let Some(index) = &repository.advisories {
            let release = feed.release.clone();
            let mut list = files.read(index, move |input| updateinfo::read(input, &release)).await?;
            all.advisories.advisories.append(&mut list.advisories);
            all.advisories.left_out += list.left_out;
        }
    }
    index::prune(folder, &wanted);
    Ok((all, summaries))
}

/// What files are brought with.
struct Files<'a> {
    folder: &'a Path,
    fetcher: &'a Fetcher,
    progress: &'a dyn Progress,
}

impl Files<'_> {
    /// Brings a file, checks it and reads it.
    async fn read<T: Send + 'static>(
        &self,
        index: &Index,
        read: impl FnOnce(&mut dyn BufRead) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, SyncError> {
        let file = index::obtain(index, self.folder, self.fetcher, self.progress).await?;
        self.progress.report(&Step::Reading { what: index.what.clone() });
        let refused = |source| SyncError::Index { what: index.what.clone(), source };
        in_background(move || index::unpack(file, read)).await?.map_err(refused)
    }
}
