//! The tree of tags, and which assets carry them.
//!
//! A tag with a query is dynamic: the fleet index decides who carries it, and the query's text is kept here; what was
//! decided last is in [`crate::decided`]. It can therefore not be given to an asset or to an activation key.

use crate::audit::append;
use crate::engine::{Lock, Tx, Values};
use crate::error::Attempt;
use crate::row::Get;
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::ids::{AssetId, SubscriptionId, TagId};
use fettle_model::tag::{MAX_DEPTH, Tag};
use sqlx::any::AnyRow;
use std::collections::{BTreeSet, HashMap};

impl Store {
    /// Every tag, parents and children, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags(&self) -> Result<Vec<Tag>> {
        let rows = sqlx::query("SELECT * FROM tags ORDER BY name_key, id").fetch_all(self.read()).await.attempt("read tags")?;
        rows.iter().map(read).collect()
    }

    /// Adds a tag.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] of the parent; [`StoreError::Conflict`] `name-taken` among its siblings, `too-deep`.
    pub async fn create_tag(&self, tag: &Tag, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Tags, "").await?;
        check_place(&mut tx, tag).await?;
        sqlx::query("INSERT INTO tags (id, name, name_key, parent, query) VALUES ($1, $2, $3, $4, $5)")
            .bind(tag.id.to_string())
            .bind(&tag.name)
            .bind(tag.name.to_lowercase())
            .bind(tag.parent.map(|parent| parent.to_string()))
            .bind(tag.query.as_deref())
            .execute(tx.conn())
            .await
            .attempt("add a tag")?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Renames or moves a tag, or changes what decides who carries it.
    ///
    /// # Errors
    /// As [`Store::create_tag`], and [`StoreError::Conflict`] `tag-loop` when it would become its own ancestor,
    /// `tag-in-use` when it is to become dynamic while assets or activation keys carry it.
    pub async fn update_tag(&self, tag: &Tag, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Tags, "").await?;
        check_place(&mut tx, tag).await?;
        if tag.query.is_some() {
            nobody_was_given(&mut tx, tag.id).await?;
        }
        let done = sqlx::query("UPDATE tags SET name = $1, name_key = $2, parent = $3, query = $4 WHERE id = $5")
            .bind(&tag.name)
            .bind(tag.name.to_lowercase())
            .bind(tag.parent.map(|parent| parent.to_string()))
            .bind(tag.query.as_deref())
            .bind(tag.id.to_string())
            .execute(tx.conn())
            .await
            .attempt("change a tag")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        if tag.query.is_none() {
            crate::decided::forget(&mut tx, tag.id).await?;
        }
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Removes a tag from the tree, all assets and all activation keys. Gives the assets that carried it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `has-children`.
    pub async fn delete_tag(&self, id: TagId, audit: &AuditEntry) -> Result<Vec<AssetId>> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Tags, "").await?;
        let children = sqlx::query("SELECT COUNT(*) AS n FROM tags WHERE parent = $1")
            .bind(id.to_string())
            .fetch_one(tx.conn())
            .await
            .attempt("count the children of a tag")?;
        if children.int("n")? > 0 {
            return Err(StoreError::conflict("has-children", "This tag has tags below it; move or remove them first."));
        }
        let done = sqlx::query("DELETE FROM tags WHERE id = $1").bind(id.to_string()).execute(tx.conn()).await.attempt("remove a tag")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        let carried = sqlx::query("DELETE FROM asset_tags WHERE tag_id = $1 RETURNING asset_id")
            .bind(id.to_string())
            .fetch_all(tx.conn())
            .await
            .attempt("take a tag from assets")?;
        crate::decided::forget(&mut tx, id).await?;
        crate::activation_keys::drop_tag(&mut tx, id).await?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        carried.iter().map(|row| row.parsed("asset_id")).collect()
    }

    /// Gives an asset exactly these tags; dynamic ones are not among what it is given.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] of the asset or of a tag; [`StoreError::Conflict`] `tag-dynamic`.
    pub async fn set_asset_tags(&self, asset: AssetId, tags: &BTreeSet<TagId>, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Tags, "").await?;
        let found = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT asset_id FROM assets WHERE asset_id = $1{}", tx.for_update())))
            .bind(asset.to_string())
            .fetch_optional(tx.conn())
            .await
            .attempt("read an asset")?;
        if found.is_none() {
            return Err(StoreError::NotFound { what: "asset" });
        }
        can_be_given(&mut tx, tags).await?;
        sqlx::query("DELETE FROM asset_tags WHERE asset_id = $1")
            .bind(asset.to_string())
            .execute(tx.conn())
            .await
            .attempt("take tags from an asset")?;
        give(&mut tx, asset, tags).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "tag" };

fn read(row: &AnyRow) -> Result<Tag> {
    Ok(Tag { id: row.parsed("id")?, name: row.text("name")?, parent: row.maybe_parsed("parent")?, query: row.maybe_text("query")? })
}

/// Checks that every tag is there and is assigned by hand.
pub(crate) async fn can_be_given(tx: &mut Tx, tags: &BTreeSet<TagId>) -> Result<()> {
    let known = known(tx, tags).await?;
    if known.len() < tags.len() {
        return Err(NOT_FOUND);
    }
    let Some(dynamic) = known.iter().find(|tag| tag.query.is_some()) else { return Ok(()) };
    let why = format!("A query decides who carries the tag {:?}; change its query, or choose another tag.", dynamic.name);
    Err(StoreError::conflict("tag-dynamic", why))
}

/// Those of `tags` that are there and are assigned by hand.
pub(crate) async fn given_by_hand(tx: &mut Tx, tags: &BTreeSet<TagId>) -> Result<BTreeSet<TagId>> {
    Ok(known(tx, tags).await?.into_iter().filter(|tag| tag.query.is_none()).map(|tag| tag.id).collect())
}

async fn known(tx: &mut Tx, tags: &BTreeSet<TagId>) -> Result<Vec<Tag>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = Values::default();
    let sql = format!("SELECT * FROM tags WHERE id IN ({})", values.texts(tags));
    tx.rows("look for tags", sql, values).await?.iter().map(read).collect()
}

/// Refuses to let a query decide about a tag that was given to somebody: what was given would be forgotten unseen.
async fn nobody_was_given(tx: &mut Tx, tag: TagId) -> Result<()> {
    let mut values = Values::default();
    let (id, text) = (values.text(tag.to_string()), values.text(format!("%{tag}%")));
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM asset_tags WHERE tag_id = {id}) + (SELECT COUNT(*) FROM activation_keys WHERE tags LIKE {text}) AS n"
    );
    let given: i64 = tx.rows("look for who carries a tag", sql, values).await?.first().map_or(Ok(0), |row| row.int("n"))?;
    if given == 0 {
        return Ok(());
    }
    let why = "Assets or activation keys carry this tag; take it from them first, or make a new tag for the query.";
    Err(StoreError::conflict("tag-in-use", why))
}

/// Gives tags that are known to be there to an asset.
pub(crate) async fn give(tx: &mut Tx, asset: AssetId, tags: &BTreeSet<TagId>) -> Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    let (subscription, asset) = (values.text(SubscriptionId::DEFAULT.to_string()), values.text(asset.to_string()));
    let rows: Vec<String> = tags.iter().map(|tag| format!("({subscription}, {asset}, {})", values.text(tag.to_string()))).collect();
    let sql = format!(
        "INSERT INTO asset_tags (subscription_id, asset_id, tag_id) VALUES {} ON CONFLICT (asset_id, tag_id) DO NOTHING",
        rows.join(", ")
    );
    tx.run("give tags to an asset", sql, values).await?;
    Ok(())
}

/// Refuses a place in the tree that is taken, too deep, or below the tag itself.
async fn check_place(tx: &mut Tx, tag: &Tag) -> Result<()> {
    let rows = sqlx::query("SELECT * FROM tags").fetch_all(tx.conn()).await.attempt("read tags")?;
    let others: Vec<Tag> = rows.iter().map(read).collect::<Result<Vec<_>>>()?.into_iter().filter(|other| other.id != tag.id).collect();
    if let Some(parent) = tag.parent
        && parent != tag.id
        && !others.iter().any(|other| other.id == parent)
    {
        return Err(StoreError::NotFound { what: "parent tag" });
    }
    if others.iter().any(|other| other.parent == tag.parent && other.name.to_lowercase() == tag.name.to_lowercase()) {
        let why = format!("There is already a tag named {:?} at this place; choose another name.", tag.name);
        return Err(StoreError::conflict("name-taken", why));
    }
    let parents: HashMap<TagId, Option<TagId>> = others.iter().map(|other| (other.id, other.parent)).collect();
    let above = |from: Option<TagId>| std::iter::successors(from, |id| parents.get(id).copied().flatten()).take(MAX_DEPTH + 1);
    if above(tag.parent).any(|ancestor| ancestor == tag.id) {
        return Err(StoreError::conflict("tag-loop", "A tag cannot be placed below itself."));
    }
    let below = others.iter().filter_map(|other| above(Some(other.id)).position(|ancestor| ancestor == tag.id)).max().unwrap_or(0);
    if above(tag.parent).count() + 1 + below > MAX_DEPTH {
        return Err(StoreError::conflict("too-deep", format!("Tags can be at most {MAX_DEPTH} levels deep; choose a higher place.")));
    }
    Ok(())
}
