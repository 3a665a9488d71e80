//! What can be wrong with a repository of RPM packages.

use crate::xml::XmlFlaw;

/// Why a repository may not be used.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Its list of files cannot be read.
    #[error("its list of files, repomd.xml, cannot be read")]
    Malformed(#[from] XmlFlaw),
    /// Something that every list of files states.
    #[error("its list of files states no {0}")]
    Missing(&'static str),
    /// Something in it is not what it should be.
    #[error("its list of files has an unusable {what}: {text:?}")]
    Odd {
        /// What.
        what: &'static str,
        /// As it stands there, cut.
        text: String,
    },
    /// Only sums that can be forged.
    #[error("it states sums of kind {0:?}; only sha256 is accepted, ask the repository's maker")]
    Sum(String),
}
