//! Patches of package indexes that nobody verified.

use super::candidates::{Shelf, candidates};
use super::error::IndexError;
use super::packages;
use super::patches::{self, Publisher};
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

/// Makes patches of indexes as a sync does, without anything that proves where they came from: for comparing what the
/// product decides with what others do, never for a catalog that machines are patched from.
///
/// # Errors
/// When an index cannot be read.
pub fn unverified_patches(release: &ReleaseKey, architecture: &str, indexes: &[UnverifiedIndex<'_>]) -> Result<Vec<Patch>, IndexError> {
    let shelf = |index: &UnverifiedIndex<'_>| {
        Ok(Shelf {
            base: !index.suite.contains(['-', '/']),
            security: index.suite.contains("-security"),
            architecture: index.architecture.to_owned(),
            packages: packages::read(&mut { index.text })?,
        })
    };
    let shelves = indexes.iter().map(shelf).collect::<Result<Vec<Shelf>, IndexError>>()?;
    let publisher = Publisher { feed: "unverified", vendor: release.distribution(), release };
    Ok(patches::make(&publisher, candidates(&shelves, &[architecture.to_owned()]), &[]))
}
