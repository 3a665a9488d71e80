//! Why a bundle is refused.

use jiff::Timestamp;

/// Why a bundle is refused or could not be made. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not an archive as this writes it, or a damaged one.
    #[error("this is not a whole bundle of a catalog: {0}; copy the file again")]
    Damaged(&'static str),
    /// It could not be read or unpacked.
    #[error("the bundle cannot be read; it is damaged or cut short, so copy the file again")]
    Read(#[source] std::io::Error),
    /// Nobody who is trusted signed it.
    #[error(
        "the bundle is not signed by a key that is trusted here; see `fettle catalog sources`, and trust the exporting server's key with `fettle catalog trust`"
    )]
    Signature,
    /// A newer version wrote it.
    #[error("the bundle has the format {0}, which this version cannot read; update this server")]
    Newer(u32),
    /// Somebody trusted signed something that cannot be right.
    #[error("the manifest of the bundle is refused: {0}")]
    Manifest(&'static str),
    /// It may not be used any more.
    #[error("the bundle expired at {expires}; export a new one")]
    Expired {
        /// When.
        expires: Timestamp,
    },
    /// The clocks disagree.
    #[error("the bundle was exported at {created} and this server believes that it is {now}; set its clock")]
    Future {
        /// When it was exported.
        created: Timestamp,
        /// The time here.
        now: Timestamp,
    },
    /// Something newer was imported before.
    #[error("the bundle has the number {got}, and number {last} was imported before; bring a newer one")]
    Older {
        /// Its number.
        got: u64,
        /// The number of what is here.
        last: u64,
    },
    /// Another bundle of the same number was imported.
    #[error(
        "another bundle of the number {sequence} was imported before: the exporting server was restored from a backup; once more exports were made, or after `fettle catalog untrust` and `trust` here, a full one can be imported"
    )]
    Twin {
        /// The number.
        sequence: u64,
    },
    /// It holds changes, and nothing was imported before.
    #[error("the bundle holds what changed since number {base}, and nothing was imported before; bring a full one")]
    NoBase {
        /// What it follows.
        base: u64,
    },
    /// It holds changes since something else than what is here.
    #[error(
        "the bundle holds what changed since number {base}, and number {last} is what was imported last; bring a full one, or one made with --since {last}"
    )]
    OtherBase {
        /// What it follows.
        base: u64,
        /// What is here.
        last: u64,
    },
    /// A member is not what the manifest says.
    #[error("{member} of the bundle is refused: {why}; copy the file again")]
    Member {
        /// Which.
        member: String,
        /// Why.
        why: &'static str,
    },
    /// A record cannot be read.
    #[error("record {number} of {member} cannot be read by this version; update this server to that of the exporting one")]
    Record {
        /// Which member.
        member: String,
        /// Which record, from 1.
        number: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// Who takes the contents stopped; they know why.
    #[error("the import was stopped")]
    Stopped,
    /// There is more than a bundle can hold.
    #[error("the catalog has more {what} than a bundle can hold, which is {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How many or how much.
        limit: u64,
    },
    /// It could not be written.
    #[error("the bundle could not be written; check that there is space on the disk")]
    Write(#[source] std::io::Error),
}

impl BundleError {
    pub(super) fn member(member: &str, why: &'static str) -> Self {
        Self::Member { member: member.to_owned(), why }
    }
}
