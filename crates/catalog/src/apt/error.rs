//! What can be wrong with a repository.

use crate::deb822::Malformed;
use jiff::Timestamp;

/// Why a genuine `Release` may not be used.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// It cannot be read.
    #[error("its Release file cannot be read")]
    Malformed(#[source] Malformed),
    /// A field is missing or damaged.
    #[error("its Release file has no usable field {field}: {flaw}")]
    Field {
        /// Field name.
        field: &'static str,
        /// What is wrong.
        flaw: String,
    },
    /// Too old.
    #[error("it may be used until {valid_until} only and it is {now} now; the mirror is out of date, or this server's clock is wrong")]
    Expired {
        /// `Valid-Until`.
        valid_until: Timestamp,
        /// The server's clock.
        now: Timestamp,
    },
    /// From the future.
    #[error("it was published at {date} and it is {now} now; this server's clock is wrong")]
    FromTheFuture {
        /// `Date`.
        date: Timestamp,
        /// The server's clock.
        now: Timestamp,
    },
    /// Another suite than asked for.
    #[error("the mirror answered with suite {suite:?}, code name {codename:?}; check the address and the suite")]
    OtherSuite {
        /// `Suite`.
        suite: String,
        /// `Codename`.
        codename: String,
    },
    /// Another release than the feed is for.
    #[error("it belongs to {codename:?} and the feed to {wanted}; make a feed of its own for it")]
    OtherRelease {
        /// `Codename`.
        codename: String,
        /// The feed's release.
        wanted: String,
    },
    /// Its packages are not updates.
    #[error(
        "its packages are not meant to be installed automatically (NotAutomatic: yes), as with backports and experimental; \
         remove it from the feed"
    )]
    NotAutomatic,
    /// No such component.
    #[error("it has no component {component:?} for {architectures}; it has {available}")]
    NoComponent {
        /// What was asked for.
        component: String,
        /// For which architectures.
        architectures: String,
        /// What there is.
        available: String,
    },
}
