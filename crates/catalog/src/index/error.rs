//! What can be wrong with an index.

use crate::deb822::Malformed;
use crate::fetch::FetchError;
use crate::xml::XmlFlaw;
use fettle_model::digest::Sha256Digest;

/// Why an index was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Could not be fetched.
    #[error("it could not be fetched")]
    Fetch(#[source] FetchError),
    /// Larger than any index should be.
    #[error("the repository announces {announced} bytes, more than the {limit} that are read")]
    Announced {
        /// Size that the repository states.
        announced: u64,
        /// The limit.
        limit: u64,
    },
    /// Another size than the stated one.
    #[error("it has {got} bytes and the repository states {expected}; it is truncated or the mirror is being updated, try again later")]
    Size {
        /// As the repository states.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// More than the stated size; how much more was not looked at.
    #[error(
        "it has more than the {expected} bytes that the repository states; it is not what it should be, or the mirror is being updated"
    )]
    Longer {
        /// As the repository states.
        expected: u64,
    },
    /// Another hash than the stated one.
    #[error("its SHA-256 is {got} and the repository states {expected}; it was tampered with, or the mirror is being updated")]
    Hash {
        /// As the repository states.
        expected: Sha256Digest,
        /// What came.
        got: Sha256Digest,
    },
    /// The compressed data is damaged.
    #[error("it cannot be unpacked")]
    Unpack(#[source] std::io::Error),
    /// Unpacks to more than the stated size.
    #[error("it unpacks to more than the {expected} bytes that the repository states")]
    Bomb {
        /// As the repository states.
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
    /// Not in the format of indexes in XML.
    #[error("it cannot be read")]
    Xml(#[from] XmlFlaw),
    /// An entry lacks something or is absurd.
    #[error("the entry {name:?} cannot be used: {flaw}")]
    Element {
        /// Its name or id.
        name: String,
        /// What is wrong.
        flaw: String,
    },
    /// Too many packages.
    #[error("it has more than {0} entries")]
    TooManyPackages(usize),
}
