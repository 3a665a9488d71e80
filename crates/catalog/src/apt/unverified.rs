//! Patches of package indexes that nobody verified.

use super::candidates::{Shelf, candidates};
use super::packages;
use super::patches::{self, Publisher};
use crate::advisories::{self, AdvisoryError};
use crate::index::IndexError;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;

/// A package index that lies about somewhere, unpacked.
#[derive(Debug, Clone, Copy)]
pub struct UnverifiedIndex<'a> {
    /// Its suite, such as `bookworm-security`.
    pub suite: &'a str,
    /// The architecture it is for.
    pub architecture: &'a str,
    /// Its text.
    pub text: &'a [u8],
}

/// What cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A package index.
    #[error("a package index cannot be read: {0}")]
    Index(#[from] IndexError),
    /// A list of advisories.
    #[error("a list of advisories cannot be read: {0}")]
    Advisories(#[from] AdvisoryError),
}

/// Makes patches of indexes, and of lists of advisories in the security tracker's format, as a sync does, without anything that proves where they came from: for comparing what the
/// product decides with what others do, never for a catalog that machines are patched from.
///
/// # Errors
/// When one of them cannot be read.
pub fn unverified_patches(
    release: &ReleaseKey,
    architecture: &str,
    indexes: &[UnverifiedIndex<'_>],
    lists: &[&[u8]],
) -> Result<Vec<Patch>, Unreadable> {
    let shelf = |index: &UnverifiedIndex<'_>| {
        Ok(Shelf {
            base: !index.suite.contains(['-', '/']),
            security: index.suite.contains("-security"),
            architecture: index.architecture.to_owned(),
            packages: packages::read(&mut { index.text })?,
        })
    };
    let shelves = indexes.iter().map(shelf).collect::<Result<Vec<Shelf>, IndexError>>()?;
    let mut advisories = Vec::new();
    for list in lists {
        advisories.extend(advisories::read(list, release)?.advisories);
    }
    let publisher = Publisher { feed: "unverified", vendor: release.distribution(), release };
    Ok(patches::make(&publisher, candidates(&shelves, &[architecture.to_owned()]), &advisories))
}
