//! The tree of tags, and which assets carry them.

use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::ids::{AssetId, TagId};
use fettle_model::tag::Tag;
use std::collections::BTreeSet;

impl Store {
    /// Every tag, parents and children, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags(&self) -> Result<Vec<Tag>> {
        Err(StoreError::Closed)
    }

    /// Adds a tag.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] of the parent; [`StoreError::Conflict`] `name-taken` among its siblings, `too-deep`.
    pub async fn create_tag(&self, tag: &Tag, audit: &AuditEntry) -> Result<()> {
        let _ = (tag, audit);
        Err(StoreError::Closed)
    }

    /// Renames or moves a tag.
    ///
    /// # Errors
    /// As [`Store::create_tag`], and [`StoreError::Conflict`] `tag-loop` when it would become its own ancestor.
    pub async fn update_tag(&self, tag: &Tag, audit: &AuditEntry) -> Result<()> {
        let _ = (tag, audit);
        Err(StoreError::Closed)
    }

    /// Removes a tag from the tree, all assets and all activation keys. Gives the assets that carried it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `has-children`.
    pub async fn delete_tag(&self, id: TagId, audit: &AuditEntry) -> Result<Vec<AssetId>> {
        let _ = (id, audit);
        Err(StoreError::Closed)
    }

    /// Gives an asset exactly these tags.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] of the asset or of a tag.
    pub async fn set_asset_tags(&self, asset: AssetId, tags: &BTreeSet<TagId>, audit: &AuditEntry) -> Result<()> {
        let _ = (asset, tags, audit);
        Err(StoreError::Closed)
    }
}
