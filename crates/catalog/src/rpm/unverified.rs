//! Patches of advisories that nobody verified.

use super::patches::{Publisher, make};
use super::{primary, updateinfo};
use crate::index::IndexError;
use fettle_model::os::ReleaseKey;
use fettle_model::patch::Patch;

/// Makes patches of lists of packages (`primary.xml`) and of advisories (`updateinfo.xml`), unpacked, as a sync does,
/// without anything that proves where they came from: for comparing what the product decides with what others do, never for
/// a catalog that machines are patched from.
///
/// # Errors
/// When one of them cannot be read.
pub fn unverified_patches(
    release: &ReleaseKey,
    architectures: &[String],
    packages: &[&[u8]],
    advisories: &[&[u8]],
) -> Result<Vec<Patch>, IndexError> {
    let (mut all, mut lists) = (Vec::new(), Vec::new());
    for text in packages {
        all.append(&mut primary::read(&mut &**text)?);
    }
    for text in advisories {
        lists.append(&mut updateinfo::read(&mut &**text, release)?.advisories);
    }
    Ok(make(&Publisher { feed: "unverified", release, architectures }, &all, &lists))
}
