//! Getting a collection to where it can be read.

use crate::error::SyncError;
use crate::feed::{Folders, Location};
use crate::fetch::{Fetched, Fetcher, Sink, Validators};
use crate::progress::{Progress, Step};
use std::path::PathBuf;

/// Where the kept archive came from.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    location: Location,
    validators: Validators,
}

/// Where a collection lies: the folder or file itself, or an archive that is fetched unless the kept one is still the newest.
/// `what` is in it, for people, and names the kept file; `most` bytes are fetched.
pub(crate) async fn place(
    from: &Location,
    what: &'static str,
    most: u64,
    folders: &Folders,
    fetcher: &Fetcher,
    progress: &dyn Progress,
) -> Result<PathBuf, SyncError> {
    if let Ok(path) = from.url().to_file_path()
        && from.url().scheme() == "file"
    {
        return Ok(path);
    }
    let (place, about) = (folders.cache.join(what), folders.cache.join(format!("{what}.json")));
    let known: Option<Kept> = std::fs::read(&about).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let known = known.filter(|known| known.location == *from && place.is_file());
    let validators = known.map(|known| known.validators).unwrap_or_default();
    let file = tempfile::NamedTempFile::new_in(&folders.cache).map_err(SyncError::cache("making a file in", &folders.cache))?;
    let mut sink = Sink::file(file.reopen().map_err(SyncError::cache("opening", &place))?, most);
    let told = |received, total| progress.report(&Step::Downloading { what: what.to_owned(), received, total });
    let fetched = fetcher.fetch(from, &validators, &mut sink, &told).await;
    match fetched.map_err(|source| SyncError::Fetch { what: format!("the {what}"), source })? {
        Fetched::NotModified => {}
        Fetched::Done(validators) => {
            // First the file, then what is said of it: a stop in between costs a download and no more.
            crate::cache::replace(&about, b"")?;
            file.persist(&place).map_err(|error| SyncError::cache("writing", &place)(error.error))?;
            let kept = serde_json::to_vec(&Kept { location: from.clone(), validators }).unwrap_or_default();
            crate::cache::replace(&about, &kept)?;
        }
    }
    Ok(place)
}
