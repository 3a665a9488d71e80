//! Bytes on the wire: postcard inside zstd, bounded on the way in.

use fettle_model::digest::Sha256Digest;
use fettle_model::inventory::Inventory;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::io::Read;

/// Most bytes of a compressed body. A 5,000-package inventory takes about 150 KB.
pub const MAX_BODY: usize = 4 * 1024 * 1024;
/// Most bytes a body may unpack to: stops a small body that unpacks to fill the memory.
pub const MAX_UNPACKED: usize = 32 * 1024 * 1024;
/// zstd's default level: the level above costs twice the time for three per cent.
const LEVEL: i32 = 3;

/// Why a body could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The value does not fit the format.
    #[error("could not encode a message")]
    Encode(#[source] postcard::Error),
    /// Compression failed.
    #[error("could not compress a message")]
    Compress(#[source] std::io::Error),
    /// The body is not zstd, or ends in the middle.
    #[error("the body is damaged or cut short")]
    Decompress(#[source] std::io::Error),
    /// The body is larger than allowed, packed or unpacked.
    #[error("the body is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit that was passed.
        limit: usize,
    },
    /// The body does not hold the expected message.
    #[error("the body does not hold the expected message")]
    Decode(#[source] postcard::Error),
    /// Bytes are left after the message.
    #[error("the body goes on after the message")]
    Trailing,
}

/// Encodes a message.
///
/// # Errors
/// When the value cannot be represented, which no message type of this crate causes.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, CodecError> {
    let plain = postcard::to_stdvec(message).map_err(CodecError::Encode)?;
    zstd::bulk::compress(&plain, LEVEL).map_err(CodecError::Compress)
}

/// Decodes a message.
///
/// # Errors
/// When the body is too large, damaged, cut short, or holds something else.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, CodecError> {
    if body.len() > MAX_BODY {
        return Err(CodecError::TooLarge { limit: MAX_BODY });
    }
    let mut plain = Vec::new();
    let limit = MAX_UNPACKED as u64 + 1;
    zstd::Decoder::new(body).map_err(CodecError::Decompress)?.take(limit).read_to_end(&mut plain).map_err(CodecError::Decompress)?;
    if plain.len() > MAX_UNPACKED {
        return Err(CodecError::TooLarge { limit: MAX_UNPACKED });
    }
    match postcard::take_from_bytes(&plain).map_err(CodecError::Decode)? {
        (message, []) => Ok(message),
        _ => Err(CodecError::Trailing),
    }
}

/// The name of an inventory: the SHA-256 of its postcard encoding, followed by that of its software on Windows when
/// there is any.
///
/// # Errors
/// As [`encode`].
pub fn inventory_digest(inventory: &Inventory) -> Result<Sha256Digest, CodecError> {
    let mut plain = postcard::to_stdvec(inventory).map_err(CodecError::Encode)?;
    if !inventory.windows.is_empty() {
        plain.extend(postcard::to_stdvec(&inventory.windows).map_err(CodecError::Encode)?);
    }
    Ok(Sha256Digest(Sha256::digest(&plain).into()))
}
