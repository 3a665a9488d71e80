//! Why a catalog could not be exported or imported.

use fettle_catalog::bundle::BundleError;
use fettle_store::StoreError;
use std::io::ErrorKind;

/// Why a catalog could not be exported or imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BundlesError {
    /// Another is under way.
    #[error("another bundle is being exported or imported")]
    Busy,
    /// The upload is larger than any bundle.
    #[error("the file is larger than a bundle can be")]
    TooLarge,
    /// The connection ended before the file did, or fell silent.
    #[error("the connection ended before the whole file arrived")]
    Cut,
    /// No server is trusted.
    #[error("no server's bundles are trusted here; trust the exporting server's key first")]
    NobodyTrusted,
    /// The export to make a difference to is not remembered.
    #[error("the export number {asked} is not remembered; remembered are {}", listed(.kept))]
    NoSuchExport {
        /// What was asked for.
        asked: u64,
        /// What is remembered, the newest first.
        kept: Vec<u64>,
    },
    /// The bundle is refused, or cannot be made.
    #[error(transparent)]
    Bundle(BundleError),
    /// A feed's configuration cannot be read.
    #[error("the configuration of the feed {name:?} cannot be read")]
    Feed {
        /// Its name.
        name: String,
        /// Why.
        source: serde_json::Error,
    },
    /// What is remembered of an export cannot be read.
    #[error("what is remembered of the export number {sequence} cannot be read; make a full bundle")]
    Forgotten {
        /// Its number.
        sequence: u64,
        /// Why.
        source: std::io::Error,
    },
    /// The key cannot be read or made.
    #[error("could not get the key of bundles ready")]
    Key(#[from] crate::authority::AuthorityError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// The disk failed.
    #[error("could not write or read a bundle under way")]
    Disk(#[source] std::io::Error),
    /// The work was cut off.
    #[error("the work was stopped before it was done")]
    Stopped,
}

fn listed(kept: &[u64]) -> String {
    if kept.is_empty() { "none".to_owned() } else { kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ") }
}

impl From<std::io::Error> for BundlesError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Disk(error),
        }
    }
}

impl From<BundleError> for BundlesError {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Write(error) => error.into(),
            error => Self::Bundle(error),
        }
    }
}
