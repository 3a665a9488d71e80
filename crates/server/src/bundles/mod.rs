//! The catalog of this server as a bundle, and bundles of other servers into this one's.
//!
//! Files under way are in the data folder without a name, so that nothing is left of them whatever happens.

mod error;
mod export;
mod import;

pub use error::BundlesError;
pub use export::Exported;
pub use import::Outcome;

use crate::App;
use axum::body::Bytes;
use fettle_catalog::bundle::{MAX_BUNDLE, Occasion};
use fettle_store::{AuditEntry, BundleReport, ExportName};
use futures::{Stream, StreamExt};
use jiff::SignedDuration;
use std::fs::File;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Mutex, MutexGuard};

/// Longest silence within an upload. A client that says nothing for a minute is gone.
const SILENCE: Duration = Duration::from_secs(60);

/// Exports and imports of this server: one at a time, since each reads or writes the whole catalog.
#[derive(Debug)]
pub struct Bundles {
    folder: PathBuf,
    one: Mutex<()>,
}

impl Bundles {
    /// Prepares the folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: PathBuf) -> std::io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder, one: Mutex::new(()) })
    }

    /// Makes a bundle of the catalog as it is now: of what changed since an earlier export, or of everything.
    ///
    /// # Errors
    /// See [`BundlesError`].
    pub async fn export(
        &self,
        app: &App,
        since: Option<u64>,
        valid: SignedDuration,
        audit: impl FnOnce(&fettle_catalog::bundle::Manifest) -> AuditEntry,
    ) -> Result<Exported, BundlesError> {
        let _one = self.turn()?;
        export::export(app, self, since, valid, audit).await
    }

    /// Takes in a bundle that a client sends.
    ///
    /// # Errors
    /// See [`BundlesError`]; nothing was changed then.
    pub async fn import<E>(
        &self,
        app: &App,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        audit: impl FnOnce(&Outcome, &BundleReport) -> AuditEntry,
    ) -> Result<Outcome, BundlesError> {
        let _one = self.turn()?;
        let file = self.receive(body).await?;
        import::import(app, file, audit).await
    }

    fn turn(&self) -> Result<MutexGuard<'_, ()>, BundlesError> {
        self.one.try_lock().map_err(|_| BundlesError::Busy)
    }

    /// A file without a name.
    fn scratch(&self) -> Result<File, BundlesError> {
        tempfile::tempfile_in(&self.folder).map_err(BundlesError::from)
    }

    async fn receive<E>(&self, mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) -> Result<File, BundlesError> {
        let mut file = tokio::fs::File::from_std(self.scratch()?);
        let mut size = 0_u64;
        while let Some(piece) = tokio::time::timeout(SILENCE, body.next()).await.map_err(|_| BundlesError::Cut)? {
            let piece = piece.map_err(|_| BundlesError::Cut)?;
            size = size.saturating_add(piece.len() as u64);
            if size > MAX_BUNDLE {
                return Err(BundlesError::TooLarge);
            }
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        Ok(file.into_std().await)
    }
}

/// The same name in the catalog's words and in the store's.
fn named(name: ExportName) -> fettle_catalog::bundle::BaseName {
    fettle_catalog::bundle::BaseName { sequence: name.sequence, manifest: name.manifest }
}

fn kept(name: fettle_catalog::bundle::BaseName) -> ExportName {
    ExportName { sequence: name.sequence, manifest: name.manifest }
}

fn occasion(app: &App, last: Option<ExportName>) -> Occasion {
    Occasion { now: app.clock.now(), last: last.map(named) }
}

/// Runs work on files where it does not hold up others.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BundlesError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BundlesError::Stopped)
}
