//! apt repositories: signed `Release`, package indexes, and the patches made of them.

mod error;

pub use error::{IndexError, ReleaseError, SignatureError};

use crate::error::SyncError;
use crate::feed::{DebianFeed, Folders};
use crate::fetch::Fetcher;
use crate::progress::Progress;
use crate::sync::{Fingerprint, Synced};
use fettle_model::clock::Clock;

pub(crate) async fn sync(
    _name: &str,
    _feed: &DebianFeed,
    _since: Option<&Fingerprint>,
    _folders: &Folders,
    _fetcher: &Fetcher,
    _clock: &dyn Clock,
    _progress: &dyn Progress,
) -> Result<Synced, SyncError> {
    Err(SyncError::Stopped)
}
