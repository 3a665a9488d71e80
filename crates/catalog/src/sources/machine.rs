//! Reading the machine's files.

use super::{MachineSources, SourcesError};
use std::path::Path;

/// Reads the apt configuration of the machine whose root folder is `root`.
///
/// # Errors
/// When the machine does not name its release, or a file cannot be read.
pub fn from_machine(root: &Path) -> Result<MachineSources, SourcesError> {
    Err(SourcesError::NoRelease { path: root.join("etc/os-release") })
}
