//! Asking a repository for the list of its files, and remembering the answer.

use super::repomd::{self, Files, Listed, MAX_LIST};
use crate::cache;
use crate::error::SyncError;
use crate::feed::RpmRepository;
use crate::fetch::{Fetched, Fetcher, Validators};
use crate::index::{Index, Packing};
use crate::signature::{Envelope, verify};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Largest signature.
const MAX_SIGNATURE: u64 = 1024 * 1024;
const LIST: &str = "repodata/repomd.xml";

/// A repository that may be used.
#[derive(Debug)]
pub(super) struct Repository<'a> {
    pub(super) source: &'a RpmRepository,
    pub(super) date: Timestamp,
    /// Fingerprints of the keys whose signatures were good; empty where no signature is asked for.
    pub(super) signed_by: Vec<String>,
    pub(super) packages: Index,
    pub(super) advisories: Option<Index>,
}

/// The newest list that was used so far, with its signature. It is verified again at each use: the keyring may have changed.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    list: String,
    signature: Vec<u8>,
}

/// Fetches, verifies and reads the list of a repository's files.
pub(super) async fn ask<'a>(
    source: &'a RpmRepository,
    cache: &Path,
    fetcher: &Fetcher,
    warnings: &mut Vec<String>,
) -> Result<Repository<'a>, SyncError> {
    let unfetched = |error| SyncError::Fetch { what: source.uri.to_string(), source: error };
    let below = |path: &str| source.uri.below(path);
    let bytes = fetch(fetcher, &below(LIST), MAX_LIST).await.map_err(unfetched)?;
    let signature = match source.keyring {
        Some(_) => fetch(fetcher, &below(&format!("{LIST}.asc")), MAX_SIGNATURE).await.map_err(unfetched)?,
        None => Vec::new(),
    };
    let fresh = read(source, bytes.clone(), signature.clone()).await?;
    let place = place(source, cache);
    let kept: Option<Kept> = std::fs::read(&place).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if let Some(kept) = kept
        && let Ok(older) = read(source, kept.list.into_bytes(), kept.signature).await
        && older.date > fresh.date
    {
        // A mirror that lags behind, or somebody who serves yesterday's state to hide today's updates.
        warnings.push(format!(
            "{} answered with an older state ({}) than before ({}); the newer one is used",
            source.uri, fresh.date, older.date
        ));
        return Ok(older);
    }
    if let Ok(list) = String::from_utf8(bytes) {
        cache::replace(&place, &serde_json::to_vec(&Kept { list, signature }).unwrap_or_default())?;
    }
    Ok(fresh)
}

async fn fetch(fetcher: &Fetcher, from: &crate::feed::Location, limit: u64) -> Result<Vec<u8>, crate::fetch::FetchError> {
    match fetcher.fetch_bytes(from, &Validators::default(), limit).await? {
        (Fetched::Done(_), bytes) => Ok(bytes),
        // A server that answers «not modified» to an unconditional question has nothing for us.
        (Fetched::NotModified, _) => Err(crate::fetch::FetchError::Status { url: from.to_string(), status: 304, after: None }),
    }
}

async fn read<'a>(source: &'a RpmRepository, list: Vec<u8>, signature: Vec<u8>) -> Result<Repository<'a>, SyncError> {
    let what = || source.uri.to_string();
    let (list, signed_by) = match &source.keyring {
        Some(keyring) => {
            let signed = verify(Envelope::Detached { text: list, signature }, keyring).await;
            let signed = signed.map_err(|source| SyncError::Signature { what: what(), source })?.into_inner();
            (signed.text, signed.keys)
        }
        None => (list, Vec::new()),
    };
    let Files { date, primary, advisories } = repomd::read(&list).map_err(|source| SyncError::Repository { what: what(), source })?;
    let index = |kind: &str, listed: Listed| Index {
        what: format!("{kind} of {}", source.uri),
        packing: Packing::of(&listed.path),
        addresses: vec![source.uri.below(&listed.path)],
        packed: listed.packed,
        plain: listed.plain,
    };
    let advisories = advisories.map(|listed| index("advisories", listed));
    Ok(Repository { source, date, signed_by, packages: index("packages", primary), advisories })
}

/// One file per address.
fn place(source: &RpmRepository, cache: &Path) -> PathBuf {
    let name = Sha256::digest(source.uri.to_string());
    cache.join(format!("repomd-{}.json", data_encoding::HEXLOWER.encode(&name)))
}
