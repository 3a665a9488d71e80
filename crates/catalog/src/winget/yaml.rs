//! Reading one manifest file: YAML within limits, and which schema it follows.

use super::fields::{self, Fields};
use super::preview::{self, Preview};
use serde::Deserialize;
use serde_saphyr::Options;

/// Largest manifest. The largest in the public collection, of packages with many languages, have some 300 KB.
pub(crate) const MAX_FILE: u64 = 1024 * 1024;
/// Newest schema that is known. A newer one may give fields another meaning.
const NEWEST: (u16, u16) = (1, 12);
/// Most unknown fields that are told one by one.
const MAX_UNKNOWN: usize = 20;

/// Why a file is no manifest that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More than `MAX_FILE` bytes.
    #[error("a manifest may have up to {MAX_FILE} bytes")]
    TooLarge,
    /// Not YAML, a key twice, anchors, or a field of another kind than the schema says.
    #[error("it cannot be read: {0}")]
    Syntax(String),
    /// A schema that nobody has written, or one from after this version of Fettle.
    #[error("{0:?} is no version of the schema that is known; 0.1.0 and 1.0.0 to 1.12.0 are")]
    Schema(String),
    /// YAML of another kind: it names no package.
    #[error("it names no package")]
    Foreign,
}

/// A manifest file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) fields: Fields,
    /// Version of its schema.
    pub(crate) schema: (u16, u16),
    /// Fields that the schema does not know.
    pub(crate) unknown: Vec<String>,
}

/// What decides how the rest is read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Head {
    manifest_version: Option<String>,
    package_identifier: Option<String>,
    id: Option<String>,
    installers: Option<serde::de::IgnoredAny>,
}

pub(crate) fn read(bytes: &[u8]) -> Result<File, ReadError> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(ReadError::TooLarge);
    }
    let (head, _) = parse::<Head>(bytes, &[])?;
    if head.manifest_version.is_none() && head.package_identifier.is_none() && head.id.is_none() && head.installers.is_none() {
        return Err(ReadError::Foreign);
    }
    let schema = schema(head.manifest_version.as_deref())?;
    if schema.0 == 0 {
        let (preview, unknown) = parse::<Preview>(bytes, preview::UNREAD)?;
        return Ok(File { fields: preview.into_fields(), schema, unknown });
    }
    let (fields, unknown) = parse::<Fields>(bytes, fields::UNREAD)?;
    Ok(File { fields, schema, unknown })
}

/// What follows YAML and the shape. Anchors and merge keys are refused: no manifest needs them, and they can say
/// much in little space.
fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8], unread: &[&str]) -> Result<(T, Vec<String>), ReadError> {
    let mut unknown = Vec::new();
    let note = |path: serde_ignored::Path<'_>| {
        let path = path.to_string();
        let name = path.rsplit('.').next().unwrap_or_default();
        if unknown.len() < MAX_UNKNOWN && !unread.contains(&name) {
            unknown.push(path);
        }
    };
    let read = serde_saphyr::with_deserializer_from_slice_with_options(bytes, limits(), |yaml| serde_ignored::deserialize(yaml, note));
    let value = read.map_err(|error| ReadError::Syntax(error.to_string().chars().take(300).collect()))?;
    Ok((value, unknown))
}

fn limits() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_merge_keys: 0,
            max_documents: 1,
            // A list of installers with lists in it needs eight.
            max_depth: 16,
            max_nodes: 100_000,
            max_events: 200_000,
            max_total_scalar_bytes: 1024 * 1024,
        },
        with_snippet: false,
    }
}

/// Three numbers between points, up to 65,535; nothing stands for the first schema.
fn schema(text: Option<&str>) -> Result<(u16, u16), ReadError> {
    let Some(text) = text else { return Ok((0, 1)) };
    let refused = || ReadError::Schema(text.chars().take(40).collect());
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.trim().split('.').collect();
    if parts.len() != 3 || !parts.iter().all(is_number) {
        return Err(refused());
    }
    let numbers: Vec<u16> = parts.iter().map_while(|part| part.parse().ok()).collect();
    let &[major, minor, _] = numbers.as_slice() else { return Err(refused()) };
    let known = major == 0 || (major, minor) <= NEWEST;
    if known { Ok((major, minor)) } else { Err(refused()) }
}
