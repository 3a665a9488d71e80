//! The list of a repository's files: where they are, in which sizes, with which sums.

use super::RepositoryError;
use crate::index::Stated;
use crate::xml::{self, Element, Format};
use data_encoding::HEXLOWER_PERMISSIVE;
use fettle_model::digest::Sha256Digest;
use jiff::Timestamp;

/// Largest list; real ones have 10 KB.
pub(super) const MAX_LIST: u64 = 4 * 1024 * 1024;
/// Longest text of it that is shown.
const SHOWN: usize = 100;

const FORMAT: Format = Format { root: "repomd", namespaces: &["http://linux.duke.edu/metadata/repo"], unread: &[] };

/// What is read of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    /// When the newest of them was made.
    pub(super) date: Timestamp,
    /// The packages.
    pub(super) primary: Listed,
    /// The advisories; many repositories have none.
    pub(super) advisories: Option<Listed>,
}

/// A file as the list states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Plain names with slashes between them, below the repository's root.
    pub(super) path: String,
    pub(super) packed: Stated,
    pub(super) plain: Option<Stated>,
}

/// Reads the list.
pub(super) fn read(bytes: &[u8]) -> Result<Files, RepositoryError> {
    let (mut primary, mut advisories) = (None, None);
    let mut newest = 0;
    xml::read::<RepositoryError>(bytes, &FORMAT, |part| {
        if part.name != "data" {
            return Ok(());
        }
        let slot = match part.attribute("type") {
            "primary" => &mut primary,
            "updateinfo" => &mut advisories,
            _ => return Ok(()),
        };
        // Some lists state fractions of a second.
        let seconds = part.text_at(&["timestamp"]).split('.').next().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        newest = newest.max(seconds);
        *slot = Some(listed(&part)?);
        Ok(())
    })?;
    let date = Timestamp::from_second(newest).map_err(|_| odd("timestamp", &newest.to_string()))?;
    Ok(Files { date, primary: primary.ok_or(RepositoryError::Missing("packages (primary)"))?, advisories })
}

fn listed(data: &Element) -> Result<Listed, RepositoryError> {
    let path = data.all("location").next().map(|location| location.attribute("href")).unwrap_or_default();
    // A list must not lead out of its repository.
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '?', '#', '%']);
    if path.len() > 1_024 || !path.split('/').all(is_plain) {
        return Err(odd("location", path));
    }
    let packed = stated(data, "checksum", "size")?.ok_or(RepositoryError::Missing("sum of a file"))?;
    Ok(Listed { path: path.to_owned(), packed, plain: stated(data, "open-checksum", "open-size")? })
}

/// A sum and the size that stands beside it.
fn stated(data: &Element, sum: &str, size: &'static str) -> Result<Option<Stated>, RepositoryError> {
    let Some(sum) = data.all(sum).next() else { return Ok(None) };
    if sum.attribute("type") != "sha256" {
        return Err(RepositoryError::Sum(sum.attribute("type").chars().take(SHOWN).collect()));
    }
    let bytes = HEXLOWER_PERMISSIVE.decode(sum.text().as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let digest = Sha256Digest(bytes.ok_or_else(|| odd("sum", sum.text()))?);
    let size = data.text_at(&[size]);
    let size = size.parse().map_err(|_| odd("size", size))?;
    Ok(Some(Stated { digest, size }))
}

fn odd(what: &'static str, text: &str) -> RepositoryError {
    RepositoryError::Odd { what, text: text.chars().take(SHOWN).collect() }
}
