//! Why a sync failed.

use crate::apt::ReleaseError;
use crate::collection::CollectionError;
use crate::feed::Flaw;
use crate::fetch::FetchError;
use crate::index::IndexError;
use crate::rpm::RepositoryError;
use crate::signature::SignatureError;
use std::path::PathBuf;

/// Why a sync failed. Nothing was imported. The text says what was attempted and what to do; causes are in
/// [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The configuration cannot be used.
    #[error("the feed's configuration cannot be used: {}", told(.0))]
    Configuration(Vec<Flaw>),
    /// Something could not be fetched.
    #[error("{what} could not be fetched; nothing was imported")]
    Fetch {
        /// What: `bookworm-security`.
        what: String,
        /// Why.
        source: FetchError,
    },
    /// A repository's `Release` is not signed by a key that the feed trusts.
    #[error("the signature of {what} could not be verified; nothing was imported")]
    Signature {
        /// What: `bookworm-security`.
        what: String,
        /// Why.
        source: SignatureError,
    },
    /// A repository's `Release` is genuine and may not be used.
    #[error("{what} cannot be used; nothing was imported")]
    Release {
        /// What: `bookworm-security`.
        what: String,
        /// Why.
        source: ReleaseError,
    },
    /// A package index is not what the signed `Release` promises, or cannot be read.
    #[error("the package index {what} was refused; nothing was imported")]
    Index {
        /// What: `bookworm main amd64`.
        what: String,
        /// Why.
        source: IndexError,
    },
    /// A repository of RPM packages cannot be used.
    #[error("the repository {what} was refused; nothing was imported")]
    Repository {
        /// Its address.
        what: String,
        /// Why.
        source: RepositoryError,
    },
    /// A security document was refused.
    #[error("the document {what} was refused; nothing was imported")]
    Document {
        /// What: `2024-Jan`, or the name of a file.
        what: String,
        /// Why.
        source: crate::microsoft::Flaw,
    },
    /// A collection of files cannot be read.
    #[error("the files at {what} could not be read; nothing was imported")]
    Collection {
        /// Where it is.
        what: String,
        /// Why.
        source: CollectionError,
    },
    /// A list of what is said of vulnerabilities was refused.
    #[error("the list {what} was refused; nothing was imported")]
    List {
        /// Where it is.
        what: String,
        /// Why.
        source: crate::vulnerabilities::ListError,
    },
    /// The feed's cache folder failed.
    #[error("{attempted} {} failed; check that the folder is writable and has space", .path.display())]
    Cache {
        /// What was attempted, such as `writing`.
        attempted: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The work was stopped because the process ends.
    #[error("the sync was stopped before it was done; it starts again from what was downloaded")]
    Stopped,
}

fn told(flaws: &[Flaw]) -> String {
    flaws.iter().map(|flaw| format!("{}: {}", flaw.field, flaw.message)).collect::<Vec<_>>().join("; ")
}

impl SyncError {
    /// The error and its causes in one text, for a status page or a log line.
    #[must_use]
    pub fn full_text(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }

    pub(crate) fn cache(attempted: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Cache { attempted, path, source }
    }
}
