//! Asking a repository for its signed `Release`, and remembering the answer.

use super::release::{MAX_RELEASE, Release};
use crate::cache;
use crate::error::SyncError;
use crate::feed::AptSource;
use crate::fetch::{FetchError, Fetched, Fetcher, Validators};
use crate::signature::{Envelope, verify};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Largest detached signature.
const MAX_SIGNATURE: u64 = 1024 * 1024;

/// A copy of `InRelease` that was verified once. It is verified again at each use: the keyring may have changed.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    validators: Validators,
    text: String,
}

/// Fetches, verifies and reads the `Release` of a source. Whether it may be used now is for the caller to check.
pub(crate) async fn release(source: &AptSource, cache: &Path, fetcher: &Fetcher, warnings: &mut Vec<String>) -> Result<Release, SyncError> {
    let place = place(source, cache);
    let kept = read(&place);
    let validators = kept.as_ref().map(|kept| kept.validators.clone()).unwrap_or_default();
    let unfetched = |error| SyncError::Fetch { what: source.suite.clone(), source: error };
    let inline = source.uri.below(&format!("dists/{}/InRelease", source.suite));
    let (bytes, validators) = match fetcher.fetch_bytes(&inline, &validators, MAX_RELEASE).await {
        Ok((Fetched::Done(validators), bytes)) => (bytes, validators),
        Ok((Fetched::NotModified, _)) => {
            let text = kept.map(|kept| kept.text).unwrap_or_default();
            return parse(source, Envelope::Inline(text.into_bytes())).await;
        }
        Err(error) if error.is_not_found() => {
            let envelope =
                detached(source, fetcher).await.map_err(|second| unfetched(if second.is_not_found() { error } else { second }))?;
            return parse(source, envelope).await;
        }
        Err(error) => return Err(unfetched(error)),
    };
    let fresh = parse(source, Envelope::Inline(bytes.clone())).await?;
    if let Some(kept) = kept
        && let Ok(older) = parse(source, Envelope::Inline(kept.text.into_bytes())).await
        && older.date > fresh.date
    {
        // A mirror that lags behind, or somebody who serves yesterday's state to hide today's updates.
        warnings.push(format!(
            "{} answered with an older state ({}) than before ({}); the newer one is used",
            source.suite, fresh.date, older.date
        ));
        return Ok(older);
    }
    if let Ok(text) = String::from_utf8(bytes) {
        keep(&place, &Kept { validators, text })?;
    }
    Ok(fresh)
}

async fn detached(source: &AptSource, fetcher: &Fetcher) -> Result<Envelope, FetchError> {
    let below = |name: &str| source.uri.below(&format!("dists/{}/{name}", source.suite));
    let (_, text) = fetcher.fetch_bytes(&below("Release"), &Validators::default(), MAX_RELEASE).await?;
    let (_, signature) = fetcher.fetch_bytes(&below("Release.gpg"), &Validators::default(), MAX_SIGNATURE).await?;
    Ok(Envelope::Detached { text, signature })
}

async fn parse(source: &AptSource, envelope: Envelope) -> Result<Release, SyncError> {
    let what = || source.suite.clone();
    let signed = verify(envelope, &source.keyring).await.map_err(|source| SyncError::Signature { what: what(), source })?;
    Release::parse(signed).map_err(|source| SyncError::Release { what: what(), source })
}

/// One file per address and suite.
fn place(source: &AptSource, cache: &Path) -> PathBuf {
    let name = Sha256::digest(format!("{}\n{}", source.uri, source.suite));
    cache.join(format!("release-{}.json", data_encoding::HEXLOWER.encode(&name)))
}

/// A copy that cannot be read is no copy.
fn read(place: &Path) -> Option<Kept> {
    let bytes = std::fs::read(place).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn keep(place: &Path, kept: &Kept) -> Result<(), SyncError> {
    let bytes = serde_json::to_vec(kept).unwrap_or_default();
    cache::replace(place, &bytes)
}
