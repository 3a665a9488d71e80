//! The catalog's patches.

use crate::{Result, Store, StoreError};
use fettle_model::ids::{FeedId, PatchId, PatchNo};
use fettle_model::patch::Patch;
use jiff::Timestamp;

/// All patches that count, at one generation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogSnapshot {
    /// Grows with every change of the catalog; 0 before the first.
    pub generation: u64,
    /// Patches that are not withdrawn, by number.
    pub patches: Vec<(PatchNo, Patch)>,
}

/// A patch, withdrawn or not.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPatch {
    /// Its number.
    pub no: PatchNo,
    /// The record.
    pub patch: Patch,
    /// The feed it came from.
    pub feed: FeedId,
    /// No feed carries it any more.
    pub withdrawn: bool,
}

/// What goes with an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportNote {
    /// When.
    pub now: Timestamp,
    /// What the synchronisation was in doubt about.
    pub warnings: Vec<String>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The catalog's generation afterwards; unchanged when no patch changed.
    pub generation: u64,
    /// Patches that were not there before, or were withdrawn.
    pub added: Vec<PatchId>,
    /// Patches whose record changed.
    pub changed: Vec<PatchId>,
    /// Patches that the feed no longer carries.
    pub withdrawn: Vec<PatchId>,
    /// Patches left alone because another feed carries them.
    pub elsewhere: Vec<PatchId>,
    /// Patches the feed carries now.
    pub total: u32,
}

impl Store {
    /// The catalog.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalog(&self) -> Result<CatalogSnapshot> {
        Err(StoreError::Closed)
    }

    /// The catalog's generation, without the catalog.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalog_generation(&self) -> Result<u64> {
        Err(StoreError::Closed)
    }

    /// Patches by id, withdrawn ones included; unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn patches_by_id(&self, ids: &[PatchId]) -> Result<Vec<StoredPatch>> {
        let _ = ids;
        Err(StoreError::Closed)
    }

    /// Makes `patches` all that `feed` carries, whole or not at all: numbers new ones, withdraws those it no longer
    /// carries, and bumps the catalog's generation when anything changed. The feed's state is written with it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the feed was removed.
    pub async fn apply_import(&self, feed: FeedId, patches: &[Patch], note: &ImportNote) -> Result<ImportReport> {
        let _ = (feed, patches, note);
        Err(StoreError::Closed)
    }
}
