//! What a bundle says of itself, and whether it may be imported.

use super::{BundleError, FORMAT, MAX_CONTENTS, MAX_FEEDS, MAX_MEMBER, MAX_RECORDS, member_name};
use crate::feed::Location;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::FeedId;
use fettle_model::os::ReleaseKey;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How far ahead of this server's clock an exporting server's may be.
const SKEW: SignedDuration = SignedDuration::from_hours(24);
/// Longest name of a server or feed, in characters.
const MAX_NAME: usize = 300;
/// Most repositories of one feed; a feed of this server has 32 at most.
const MAX_REPOSITORIES: usize = 64;

/// The manifest. Only [`super::verify`] reads one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`] of who wrote it.
    pub format: u32,
    /// Who exported it.
    pub exporter: Exporter,
    /// Number of the export; each has a higher one than those before.
    pub sequence: u64,
    /// When it was exported.
    pub created: Timestamp,
    /// From when on it is refused.
    pub expires: Timestamp,
    /// What it holds the changes since; `None` when it is full.
    pub base: Option<BaseName>,
    /// All feeds of the exporter, in the order of their members.
    pub feeds: Vec<FeedEntry>,
}

/// Who exported a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exporter {
    /// Id of the installation.
    pub id: Uuid,
    /// Its public name, for people.
    pub name: String,
}

/// An export, by number and by the digest of its manifest: a server that was restored from a backup counts on from an older
/// number, and then one number has two exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseName {
    /// Number of the export.
    pub sequence: u64,
    /// SHA-256 of its manifest.
    #[serde(with = "hex")]
    pub manifest: Sha256Digest,
}

/// What was imported last from an exporter.
pub type Imported = BaseName;

/// What a feed carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    /// Patches.
    Patches,
    /// What somebody says of vulnerabilities.
    Facts,
}

/// A feed on the exporting server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedHead {
    /// Its id there.
    pub id: FeedId,
    /// Its name there.
    pub name: String,
    /// Its kind there, such as `debian`.
    pub kind: String,
    /// The release its patches are for, where they are for one.
    pub release: Option<ReleaseKey>,
    /// Where the package managers of machines find what it describes.
    pub repositories: Vec<Location>,
    /// What it carries.
    pub carries: Carries,
}

/// A feed with what the bundle has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedEntry {
    /// The feed.
    pub feed: FeedHead,
    /// Whether the member has all that the feed carries; otherwise what differs from the base.
    pub whole: bool,
    /// The member.
    pub member: Member,
    /// Records in it that are there now.
    pub written: u64,
    /// Records in it that are gone since the base.
    pub gone: u64,
    /// Records that the feed carries: as many has who imported the bundle.
    pub total: u64,
}

/// A member of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Bytes, unpacked.
    pub size: u64,
    /// SHA-256 of these.
    #[serde(with = "hex")]
    pub sha256: Sha256Digest,
}

/// When somebody asks to import a bundle.
#[derive(Debug, Clone, Copy)]
pub struct Occasion {
    /// The time.
    pub now: Timestamp,
    /// What was imported last from the same exporter.
    pub last: Option<Imported>,
}

/// Whether there is anything to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is newer than what is there and fits it.
    Import,
    /// It is what was imported last.
    Known,
}

impl Manifest {
    /// Whether the bundle whose manifest has this digest can be imported after what was imported before.
    pub(super) fn fits(&self, digest: Sha256Digest, occasion: Occasion) -> Result<Verdict, BundleError> {
        let Occasion { now, last } = occasion;
        if let Some(last) = last {
            match self.sequence.cmp(&last.sequence) {
                std::cmp::Ordering::Less => return Err(BundleError::Older { got: self.sequence, last: last.sequence }),
                std::cmp::Ordering::Equal if digest == last.manifest => return Ok(Verdict::Known),
                std::cmp::Ordering::Equal => return Err(BundleError::Twin { sequence: self.sequence }),
                std::cmp::Ordering::Greater => {}
            }
        }
        if self.created.duration_since(now) > SKEW {
            return Err(BundleError::Future { created: self.created, now });
        }
        if now >= self.expires {
            return Err(BundleError::Expired { expires: self.expires });
        }
        match (self.base, last) {
            (Some(base), None) => Err(BundleError::NoBase { base: base.sequence }),
            (Some(base), Some(last)) if base != last && base.sequence == last.sequence => {
                Err(BundleError::Twin { sequence: base.sequence })
            }
            (Some(base), Some(last)) if base != last => Err(BundleError::OtherBase { base: base.sequence, last: last.sequence }),
            _ => Ok(Verdict::Import),
        }
    }

    /// Checks what a manifest says before anything is believed of it, although somebody trusted signed it.
    pub(super) fn check(self) -> Result<Self, BundleError> {
        let flaw = |what: &'static str| Err(BundleError::Manifest(what));
        if self.format != FORMAT || self.sequence == 0 || !is_name(&self.exporter.name) {
            return flaw("its head cannot be right");
        }
        if self.expires <= self.created || self.base.is_some_and(|base| base.sequence >= self.sequence) {
            return flaw("it expires before it was made, or follows what comes after it");
        }
        if self.feeds.len() > MAX_FEEDS {
            return flaw("it has too many feeds");
        }
        let mut ids = BTreeSet::new();
        let mut contents = 0_u64;
        for (place, entry) in self.feeds.iter().enumerate() {
            entry.check(place, self.base.is_some())?;
            contents = contents.saturating_add(entry.member.size);
            if !ids.insert(entry.feed.id) {
                return flaw("it has a feed twice");
            }
        }
        if contents > MAX_CONTENTS { flaw("its feeds are too large") } else { Ok(self) }
    }
}

impl FeedEntry {
    fn check(&self, place: usize, is_delta: bool) -> Result<(), BundleError> {
        let flaw = |what: &'static str| Err(BundleError::Manifest(what));
        let FeedHead { name, kind, repositories, .. } = &self.feed;
        if !is_name(name) || !is_name(kind) || repositories.len() > MAX_REPOSITORIES {
            return flaw("a feed has no proper name or kind, or too many repositories");
        }
        if self.member.name != member_name(place) {
            return flaw("a member has another name than its place gives it");
        }
        let most = self.written.max(self.gone).max(self.total);
        if self.member.size > MAX_MEMBER || most > MAX_RECORDS || self.written > self.total {
            return flaw("a feed is too large, or its numbers cannot be right");
        }
        if self.whole && (self.gone > 0 || self.written != self.total) || !self.whole && !is_delta {
            return flaw("a feed is to be whole and is not");
        }
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control)
}

/// Digests in a manifest are hexadecimal.
mod hex {
    use data_encoding::HEXLOWER;
    use fettle_model::digest::Sha256Digest;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(digest: &Sha256Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(digest)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sha256Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(D::Error::custom)?;
        bytes.try_into().map(Sha256Digest).map_err(|_| D::Error::custom("a digest has 64 digits"))
    }
}
