//! What an export held, in short, so that a later one can tell what changed since.

use super::manifest::{BaseName, Carries};
use fettle_model::ids::FeedId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Bytes of a digest that are kept. Half of SHA-256: nobody gains by two records that look the same, and hundreds of
/// thousands are kept for each export.
const KEPT: usize = 16;
/// How strongly it is packed: ids repeat each other, digests do not.
const LEVEL: i32 = 3;

/// The beginning of a record's digest.
pub(super) type Mark = [u8; KEPT];

/// Every record of an export by its key, with the beginning of its digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held(pub(super) BTreeMap<FeedId, HeldFeed>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeldFeed {
    pub(super) carries: Carries,
    pub(super) records: BTreeMap<String, Mark>,
}

/// An earlier export: what a delta holds the changes since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Which.
    pub name: BaseName,
    /// What it held.
    pub held: Held,
}

impl Held {
    /// As bytes for the store.
    ///
    /// # Errors
    /// When it cannot be packed, which only a lack of memory brings about.
    pub fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let plain = postcard::to_stdvec(self).map_err(std::io::Error::other)?;
        zstd::bulk::compress(&plain, LEVEL)
    }

    /// From bytes of the store.
    ///
    /// # Errors
    /// When they are nothing that [`Self::to_bytes`] made.
    pub fn from_bytes(bytes: &[u8]) -> std::io::Result<Self> {
        let plain = zstd::decode_all(bytes)?;
        postcard::from_bytes(&plain).map_err(std::io::Error::other)
    }
}

/// The beginning of the digest of a record.
pub(super) fn mark(record: &[u8]) -> Mark {
    let digest = Sha256::digest(record);
    let mut mark = [0; KEPT];
    mark.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn bytes_and_back() {
        let records = [("a".to_owned(), mark(b"1")), ("b".to_owned(), mark(b"2"))].into();
        let feed = HeldFeed { carries: Carries::Patches, records };
        let held = Held([(FeedId(Uuid::from_u128(1)), feed)].into());
        let bytes = held.to_bytes().expect("packed");
        assert_eq!(Held::from_bytes(&bytes).expect("unpacked"), held);
        assert!(Held::from_bytes(&bytes[1..]).is_err());
    }
}
