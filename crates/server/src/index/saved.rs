//! The index as a file in the data folder, so that a restart reads one file instead of every asset.
//!
//! What is in the file is believed only as far as the store says the same: each row names the record it was made
//! from, and whatever differs is read from the store. A file that is damaged, of another version or of
//! another installation means that the index is built from the store.

use super::software::{Software, read_lists};
use super::{PAGE, changes, remembered, replacing};
use crate::App;
use crate::gateway::chain;
use crate::work::dynamic_tags;
use fettle_fleet::{Catalog, Change, Fleet, LoadError, Origin, Owner, Purpose, SaveError, Snapshot, SoftwareList};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, TagId};
use fettle_model::tag::Tag;
use fettle_store::{AssetRecord, Store, StoreError};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinError;

/// Bytes written at a time.
const BUFFER: usize = 1 << 20;
/// Assets of a page that are read one by one; when more have changed, the page is read as a whole.
const FEW: usize = 50;

/// Why the index could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveIndexError {
    /// The disk refused.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What was attempted.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It could not be written.
    #[error("could not save the index")]
    Save(#[from] SaveError),
    /// It was cut off.
    #[error("saving the index was cut off")]
    CutOff(#[from] JoinError),
}

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("the file cannot be read")]
    Unreadable(#[from] io::Error),
    #[error("it is of another installation")]
    Foreign,
    #[error("it cannot be used")]
    Snapshot(#[from] LoadError),
    #[error("reading it was cut off")]
    CutOff(#[from] JoinError),
}

/// The fleet that was saved, if there is a file and it is of use. What does not fit is told in the log.
pub(super) async fn read(path: &Path, store: &Store, catalog: &Arc<Catalog>) -> Option<Fleet> {
    let (from, owner, catalog) = (path.to_owned(), store.installation_id().into_bytes(), Arc::clone(catalog));
    let read = tokio::task::spawn_blocking(move || load(&from, owner, catalog)).await;
    let read = read.map_err(Unfit::from).flatten();
    read.unwrap_or_else(|error| {
        let error = chain(&error);
        tracing::warn!(path = %path.display(), error, "the saved index is of no use; it is built from the store");
        None
    })
}

fn load(path: &Path, owner: Owner, catalog: Arc<Catalog>) -> Result<Option<Fleet>, Unfit> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let snapshot = Snapshot::open(file.metadata()?.len(), |at, bytes: &mut [u8]| file.read_exact_at(bytes, at))?;
    if snapshot.owner() != owner {
        return Err(Unfit::Foreign);
    }
    Ok(Some(snapshot.load(catalog)?))
}

/// Brings a fleet that was saved up to date with the store, but for the decisions of queries that are still to be made.
/// Gives how many assets were read or removed.
pub(super) async fn catch_up(store: &Store, fleet: &Fleet, tags: &[Tag], decided_by_query: &BTreeSet<TagId>) -> Result<usize, StoreError> {
    let mut carried = carried(fleet, decided_by_query);
    fleet.apply(vec![Change::Tags(tags.to_vec())]);
    let shown = fleet.view().unscoped(Purpose::Upkeep);
    let mut gone: HashSet<AssetId> = shown.everything().ids().collect();
    let (mut after, mut known, mut count) = (None, HashMap::new(), 0);
    loop {
        let page = store.asset_marks(after, PAGE).await?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else { break };
        let decided = remembered(store, (first.id, last.id), decided_by_query).await?;
        let mut stale = BTreeSet::new();
        for mark in &page {
            gone.remove(&mark.id);
            mark.last_check_in.into_iter().for_each(|at| fleet.seen(mark.id, at));
            let has_tags = carried.remove(&mark.id).unwrap_or_default() == *decided.get(&mark.id).unwrap_or(&BTreeSet::new());
            if !has_tags || shown.origin(mark.id).is_none_or(|origin| origin.mark != mark.mark) {
                stale.insert(mark.id);
            }
        }
        let records = records(store, after, &stale).await?;
        count += records.len();
        replace(store, fleet, records, decided, &mut known).await?;
        after = Some(last.id);
    }
    count += gone.len();
    fleet.apply(gone.into_iter().map(Change::Remove).collect());
    Ok(count)
}

/// What assets carry of the tags that a query decides, and of those that one decided when the file was written.
fn carried(fleet: &Fleet, decided_by_query: &BTreeSet<TagId>) -> HashMap<AssetId, BTreeSet<TagId>> {
    let mut carried: HashMap<AssetId, BTreeSet<TagId>> = HashMap::new();
    for &tag in fleet.view().dynamic_tags().union(decided_by_query) {
        dynamic_tags::carriers(fleet, BTreeSet::from([tag])).for_each(|asset| _ = carried.entry(asset).or_default().insert(tag));
    }
    carried
}

/// Reads some assets of the page after `after`.
async fn records(store: &Store, after: Option<AssetId>, stale: &BTreeSet<AssetId>) -> Result<Vec<AssetRecord>, StoreError> {
    if stale.len() > FEW {
        let mut records = store.assets(after, PAGE).await?;
        records.retain(|record| stale.contains(&record.id));
        return Ok(records);
    }
    let mut records = Vec::with_capacity(stale.len());
    for &asset in stale {
        records.extend(store.asset(asset).await?);
    }
    Ok(records)
}

/// Puts records in the place of what is shown.
async fn replace(
    store: &Store,
    fleet: &Fleet,
    records: Vec<AssetRecord>,
    mut decided: HashMap<AssetId, BTreeSet<TagId>>,
    known: &mut HashMap<Sha256Digest, Option<SoftwareList>>,
) -> Result<(), StoreError> {
    let view = fleet.view().unscoped(Purpose::Upkeep);
    let has_software = |record: &AssetRecord| {
        let (wanted, shown) = (record.scan.inventory.map(Origin::inventory_of), view.origin(record.id));
        wanted.is_some() && wanted == shown.map(|shown| shown.inventory)
    };
    let (same, other): (Vec<AssetRecord>, Vec<AssetRecord>) = records.into_iter().partition(has_software);
    read_lists(store, &fleet.assessor(), &other, known).await?;
    let same = same.into_iter().map(|record| (record, Software::Shown));
    let other = other.into_iter().map(|record| {
        let software = Software::among(known, &record);
        (record, software)
    });
    let changed = same.chain(other).flat_map(|(record, software)| {
        let decided = decided.remove(&record.id).unwrap_or_default();
        match view.origin(record.id) {
            Some(_) => replacing(record, software, |_| decided),
            None => changes(record, software, decided),
        }
    });
    fleet.apply(changed.collect());
    Ok(())
}

/// Saves the index, unless this version of it is on the disk. Gives the bytes that were written.
///
/// # Errors
/// When the disk refuses; the older file stays.
pub async fn save(app: &Arc<App>) -> Result<Option<u64>, SaveIndexError> {
    let view = app.fleet.view();
    let version = view.version();
    let (path, owner) = (app.settings.index(), app.store.installation_id().into_bytes());
    // Somebody may have removed the file, to have the index built anew.
    if *app.refreshing.saved.lock().await == Some(version) && path.exists() {
        return Ok(None);
    }
    let bytes = tokio::task::spawn_blocking(move || write(&path, |out| view.save(owner, out))).await??;
    *app.refreshing.saved.lock().await = Some(version);
    Ok(Some(bytes))
}

/// Writes a file, readable by the server alone: a crash leaves the old one or the new one.
fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<&File>) -> Result<u64, SaveError>) -> Result<u64, SaveIndexError> {
    let failed = |doing, path: &Path| {
        let path = path.to_owned();
        move |source| SaveIndexError::File { doing, path, source }
    };
    // Of one name, unlike a temporary file: what a crash leaves behind is as large as the index, and is written over.
    let new = path.with_added_extension("new");
    let file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&new).map_err(failed("create", &new))?;
    let mut out = BufWriter::with_capacity(BUFFER, &file);
    let bytes = fill(&mut out)?;
    out.flush().map_err(failed("write", &new))?;
    file.sync_all().map_err(failed("write", &new))?;
    std::fs::rename(&new, path).map_err(failed("replace", path))?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("write the folder", folder))?;
    Ok(bytes)
}
