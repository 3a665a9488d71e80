//! Applications on Windows, from manifests as the Windows Package Manager reads them.
//!
//! The way: `crate::collection` takes manifest files from a folder or an archive; `yaml` reads one (`preview` those of the
//! oldest schema) into `fields`; `manifest` puts the files of one version together, `check` holds against it what the
//! vendor's own tool would, with `switches` for arguments and exit codes; `patches` makes patches of versions.
//!
//! A manifest with an error is left out with a warning: strangers write them, and one bad file may not stop a feed.

mod check;
mod fields;
mod manifest;
mod patches;
mod preview;
mod switches;
mod yaml;

pub use manifest::{Checked, Fault, Manifest, read_manifest};
pub use patches::patches;
pub use yaml::ReadError;

use crate::collection::{self, CollectionError, Wanted};
use crate::error::SyncError;
use crate::feed::{Folders, WingetFeed};
use crate::fetch::Fetcher;
use crate::progress::{Progress, Step};
use crate::sync::{Content, Fingerprint, Summary, Synced, in_background};
use fettle_model::patch::Patch;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Part of the fingerprint: raise it when the same input makes other patches than before.
const RULES: u32 = 1;
/// Most warnings of one sync.
const MAX_WARNINGS: usize = 20;
/// Largest archive. The public collection has some 100 MB.
const MAX_ARCHIVE: u64 = 1024 * 1024 * 1024;
/// Manifests. The public collection has some 400,000, a thousandth of which is in use anywhere.
const WANTED: Wanted =
    Wanted { what: "manifests", ends: &[".yaml", ".yml"], files: 500_000, bytes: yaml::MAX_FILE, all: 4 * 1024 * 1024 * 1024 };

/// What a collection says.
struct Read {
    files: BTreeMap<(String, String, String), Vec<yaml::File>>,
    digest: [u8; 32],
    count: usize,
    warnings: Vec<String>,
}

pub(crate) async fn sync(
    name: &str,
    feed: &WingetFeed,
    since: Option<&Fingerprint>,
    folders: &Folders,
    fetcher: &Fetcher,
    progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    std::fs::create_dir_all(&folders.cache).map_err(SyncError::cache("making", &folders.cache))?;
    progress.report(&Step::Asking { what: "manifests".to_owned() });
    let place = collection::place(&feed.manifests, WANTED.what, MAX_ARCHIVE, folders, fetcher, progress).await?;
    progress.report(&Step::Reading { what: "manifests".to_owned() });
    let read =
        in_background(move || read(&place)).await?.map_err(|source| SyncError::Collection { what: feed.manifests.to_string(), source })?;
    let fingerprint = fingerprint(name, feed, &read.digest);
    if since == Some(&fingerprint) {
        return Ok(Synced::Unchanged { warnings: cut(read.warnings) });
    }
    progress.report(&Step::Merging { packages: read.files.len(), advisories: 0 });
    let (owner, wanted) = (name.to_owned(), feed.packages.clone());
    let (patches, warnings, packages) = in_background(move || make(&owner, &wanted, read)).await?;
    let summary = Summary { sources: Vec::new(), packages, advisories: 0, patches: patches.len(), security: 0, left_out: 0, facts: 0 };
    Ok(Synced::Changed { content: Content::Patches(patches), warnings: cut(warnings), summary, fingerprint })
}

/// Reads all manifests.
fn read(place: &Path) -> Result<Read, CollectionError> {
    let mut hash = Sha256::new();
    let mut read = Read { files: BTreeMap::new(), digest: [0; 32], count: 0, warnings: Vec::new() };
    let mut take = |name: &str, bytes: Vec<u8>| {
        for part in [name.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        read.take(name, &bytes);
    };
    collection::read(place, WANTED, &mut take)?;
    read.digest = hash.finalize().into();
    Ok(read)
}

impl Read {
    fn take(&mut self, name: &str, bytes: &[u8]) {
        let file = match yaml::read(bytes) {
            Ok(file) => file,
            Err(ReadError::Foreign) => return,
            Err(error) => return self.warn(format!("{name} was left out: {error}")),
        };
        self.count += 1;
        let folder = name.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder).to_owned();
        let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        let key = (folder, text(&file.fields.package_identifier), text(&file.fields.package_version));
        self.files.entry(key).or_default().push(file);
    }

    /// Warnings are kept up to a limit and counted beyond it by [`cut`].
    fn warn(&mut self, warning: String) {
        if self.warnings.len() <= MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }
}

/// Makes patches of the manifests that are wanted and can be used; says how many manifests there were.
fn make(feed: &str, wanted: &[String], mut read: Read) -> (Vec<Patch>, Vec<String>, usize) {
    let files = std::mem::take(&mut read.files);
    let is_wanted = |identifier: &str| {
        let fits = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => identifier.to_lowercase().starts_with(&start.to_lowercase()),
            None => identifier.eq_ignore_ascii_case(wanted),
        };
        wanted.is_empty() || wanted.iter().any(fits)
    };
    let mut manifests = Vec::new();
    let mut count = 0;
    for ((_, identifier, _), files) in files {
        if !is_wanted(&identifier) {
            continue;
        }
        count += 1;
        let checked = manifest::assemble(files);
        let error = checked.faults.iter().find(|fault| !fault.is_warning);
        match error {
            Some(Fault { field, message, .. }) => read.warn(format!("{} was left out: {field} {message}", checked.manifest.what())),
            None => manifests.push(checked.manifest),
        }
    }
    (patches(feed, manifests), read.warnings, count)
}

fn fingerprint(name: &str, feed: &WingetFeed, digest: &[u8; 32]) -> Fingerprint {
    let configuration = serde_json::to_vec(feed).unwrap_or_default();
    Fingerprint::of([&RULES.to_be_bytes()[..], name.as_bytes(), &configuration, digest])
}

fn cut(mut warnings: Vec<String>) -> Vec<String> {
    if warnings.len() > MAX_WARNINGS {
        warnings.truncate(MAX_WARNINGS);
        warnings.push("and more of the like".to_owned());
    }
    warnings
}
