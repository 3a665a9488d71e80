//! What can be wrong with a repository.

use crate::deb822::Malformed;
use crate::fetch::FetchError;
use fettle_model::digest::Sha256Digest;
use jiff::Timestamp;

/// Why a signature was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The keyring file cannot be read.
    #[error("the keyring {path} cannot be read; install the distribution's keyring package or give another path")]
    KeyringUnreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The keyring is not one.
    #[error("the keyring {keyring} holds no keys: {flaw}")]
    KeyringDamaged {
        /// The file, or `given as text`.
        keyring: String,
        /// What is wrong.
        flaw: &'static str,
    },
    /// The program cannot be started.
    #[error("the program gpgv could not be run; install the package gpgv")]
    NoGpgv(#[source] std::io::Error),
    /// The program did not come to an end.
    #[error("the program gpgv did not finish within {0} seconds")]
    TooSlow(u64),
    /// There is no signature.
    #[error("it carries no signature; it is damaged or not what it should be")]
    Unsigned,
    /// The content does not fit the signature.
    #[error("it was changed after it was signed (bad signature by key {key}); do not use this mirror")]
    Bad {
        /// Key id as gpgv prints it.
        key: String,
    },
    /// Signed by keys that the feed does not trust.
    #[error("it is signed by key {keys}, which is not in the feed's keyring; check that repository and keyring belong together")]
    UnknownKey {
        /// Key ids as gpgv prints them.
        keys: String,
    },
    /// Every known key has expired or was revoked.
    #[error("it is signed by key {key}, which has {why}; update the keyring")]
    DeadKey {
        /// Key id as gpgv prints it.
        key: String,
        /// `expired` or `been revoked`.
        why: &'static str,
    },
    /// Only hashes that can be forged.
    #[error("it is signed with {0}, which can be forged; ask the repository's maker for a signature with SHA-256 or better")]
    WeakHash(&'static str),
    /// Anything else.
    #[error("gpgv accepted no signature; it ended with {0}")]
    Refused(String),
}

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

/// Why an index was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Could not be fetched.
    #[error("it could not be fetched")]
    Fetch(#[source] FetchError),
    /// Larger than any index should be.
    #[error("its Release file announces {announced} bytes, more than the {limit} that are read")]
    Announced {
        /// Size in `Release`.
        announced: u64,
        /// The limit.
        limit: u64,
    },
    /// Another size than the signed one.
    #[error("it has {got} bytes and the signed Release says {expected}; it is truncated or the mirror is being updated, try again later")]
    Size {
        /// From `Release`.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// More than the signed size; how much more was not looked at.
    #[error(
        "it has more than the {expected} bytes that the signed Release says; it is not what it should be, or the mirror is being updated"
    )]
    Longer {
        /// From `Release`.
        expected: u64,
    },
    /// Another hash than the signed one.
    #[error("its SHA-256 is {got} and the signed Release says {expected}; it was tampered with, or the mirror is being updated")]
    Hash {
        /// From `Release`.
        expected: Sha256Digest,
        /// What came.
        got: Sha256Digest,
    },
    /// The compressed data is damaged.
    #[error("it cannot be unpacked")]
    Unpack(#[source] std::io::Error),
    /// Unpacks to more than the signed size.
    #[error("it unpacks to more than the {expected} bytes that the signed Release says")]
    Bomb {
        /// From `Release`.
        expected: u64,
    },
    /// Not in the format of package indexes.
    #[error("it cannot be read")]
    Malformed(#[source] Malformed),
    /// A package entry lacks something or is absurd.
    #[error("the entry that ends in line {line} cannot be used: {flaw}")]
    Entry {
        /// Line number, from 1.
        line: u64,
        /// What is wrong.
        flaw: String,
    },
    /// Too many packages.
    #[error("it has more than {0} packages")]
    TooManyPackages(usize),
}
