//! What can be wrong with a signature.

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
