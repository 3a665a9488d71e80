//! Searches: those people keep by name, and those they made last. Each person has their own.
//!
//! They are not in the audit log: nobody but their owner sees them, and nothing depends on them.

use crate::engine::{Lock, Tx, Values};
use crate::error::Attempt;
use crate::row::{Get, micros};
use crate::{Result, Store, StoreError};
use fettle_model::ids::{SearchId, UserId};
use fettle_query::Entity;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

/// Version of the query language that texts are written in. A release that changes the language raises it and
/// rewrites what older ones have kept.
const LANGUAGE: i64 = 1;
/// Most searches one person keeps of one entity: more than a menu shows, and few enough to read at once.
pub const MAX_SAVED: i64 = 200;
/// Most recent searches of one person and entity that are remembered: what a menu shows.
pub const MAX_RECENT: i64 = 20;

/// What was searched for: the texts of the boxes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SearchText {
    /// Text of the entity's own box.
    pub query: String,
    /// Text of the box beside it: of patches in a list of assets, of assets in a list of patches. Empty for
    /// entities with one box.
    pub beside: String,
}

/// A search somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    /// Id.
    pub id: SearchId,
    /// Whose it is.
    pub user: UserId,
    /// What is listed.
    pub entity: Entity,
    /// Name; unique among the person's searches of the entity, whatever its case.
    pub name: String,
    /// What is searched for.
    pub text: SearchText,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A search somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentSearch {
    /// What was searched for.
    pub text: SearchText,
    /// When, the last time.
    pub used_at: Timestamp,
}

impl Store {
    /// Searches that a person keeps of an entity, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn searches(&self, user: UserId, entity: Entity) -> Result<Vec<SavedSearch>> {
        let rows = sqlx::query("SELECT * FROM searches WHERE user_id = $1 AND entity = $2 ORDER BY name_key")
            .bind(user.to_string())
            .bind(entity.as_str())
            .fetch_all(self.read())
            .await;
        rows.attempt("read searches")?.iter().map(read).collect()
    }

    /// One search of a person. Searches of others do not exist for them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self, user: UserId, id: SearchId) -> Result<Option<SavedSearch>> {
        let row = sqlx::query("SELECT * FROM searches WHERE user_id = $1 AND id = $2")
            .bind(user.to_string())
            .bind(id.to_string())
            .fetch_optional(self.read())
            .await;
        row.attempt("read a search")?.as_ref().map(read).transpose()
    }

    /// Keeps a search.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `name-taken`, or `too-many` beyond [`MAX_SAVED`].
    pub async fn create_search(&self, search: &SavedSearch) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Searches, &search.user.to_string()).await?;
        name_is_free(&mut tx, search).await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM searches WHERE user_id = $1 AND entity = $2")
            .bind(search.user.to_string())
            .bind(search.entity.as_str())
            .fetch_one(tx.conn())
            .await
            .attempt("count searches")?;
        if row.int("n")? >= MAX_SAVED {
            let why = format!("There are {MAX_SAVED} saved searches already; remove one that is not used any more.");
            return Err(StoreError::conflict("too-many", why));
        }
        let mut values = Values::default();
        let places = [
            values.text(search.id.to_string()),
            values.text(search.user.to_string()),
            values.text(search.entity.as_str()),
            values.text(&search.name),
            values.text(key(&search.name)),
            values.text(&search.text.query),
            values.text(&search.text.beside),
            values.int(LANGUAGE),
            values.int(micros(search.created_at)),
            values.int(micros(search.updated_at)),
        ]
        .join(", ");
        let sql = format!(
            "INSERT INTO searches (id, user_id, entity, name, name_key, query, beside, language, created_at, updated_at) VALUES ({places})"
        );
        tx.run("keep a search", sql, values).await?;
        tx.commit().await
    }

    /// Changes name and text of a search of its owner.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for searches of others; [`StoreError::Conflict`] `name-taken`.
    pub async fn update_search(&self, search: &SavedSearch) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Searches, &search.user.to_string()).await?;
        name_is_free(&mut tx, search).await?;
        let done = sqlx::query(
            "UPDATE searches SET name = $1, name_key = $2, query = $3, beside = $4, language = $5, updated_at = $6
             WHERE id = $7 AND user_id = $8 AND entity = $9",
        )
        .bind(&search.name)
        .bind(key(&search.name))
        .bind(&search.text.query)
        .bind(&search.text.beside)
        .bind(LANGUAGE)
        .bind(micros(search.updated_at))
        .bind(search.id.to_string())
        .bind(search.user.to_string())
        .bind(search.entity.as_str())
        .execute(tx.conn())
        .await
        .attempt("change a search")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        tx.commit().await
    }

    /// Removes a search of a person.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for searches of others.
    pub async fn delete_search(&self, user: UserId, id: SearchId) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM searches WHERE id = $1 AND user_id = $2")
            .bind(id.to_string())
            .bind(user.to_string())
            .execute(tx.conn())
            .await
            .attempt("remove a search")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        tx.commit().await
    }

    /// What a person searched for last among an entity, newest first, at most [`MAX_RECENT`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recent_searches(&self, user: UserId, entity: Entity) -> Result<Vec<RecentSearch>> {
        let rows = sqlx::query(
            "SELECT query, beside, used_at FROM recent_searches WHERE user_id = $1 AND entity = $2 ORDER BY place DESC LIMIT $3",
        )
        .bind(user.to_string())
        .bind(entity.as_str())
        .bind(MAX_RECENT)
        .fetch_all(self.read())
        .await;
        let recent = |row: &AnyRow| Ok(RecentSearch { text: text(row)?, used_at: row.time("used_at")? });
        rows.attempt("read recent searches")?.iter().map(recent).collect()
    }

    /// Puts a search in front of the recent ones; one with the same texts moves there. The oldest beyond
    /// [`MAX_RECENT`] are forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_search(&self, user: UserId, entity: Entity, text: &SearchText, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        // Two tabs of one person would otherwise get the same place, or wait for each other for ever.
        tx.lock(Lock::Searches, &user.to_string()).await?;
        sqlx::query(
            "INSERT INTO recent_searches (user_id, entity, digest, query, beside, language, place, used_at)
             SELECT $1, $2, $3, $4, $5, $6, COALESCE(MAX(place), 0) + 1, $7 FROM recent_searches WHERE user_id = $1 AND entity = $2
             ON CONFLICT (user_id, entity, digest)
             DO UPDATE SET place = excluded.place, used_at = excluded.used_at, language = excluded.language",
        )
        .bind(user.to_string())
        .bind(entity.as_str())
        .bind(digest(text))
        .bind(&text.query)
        .bind(&text.beside)
        .bind(LANGUAGE)
        .bind(micros(now))
        .execute(tx.conn())
        .await
        .attempt("note a search")?;
        sqlx::query(
            "DELETE FROM recent_searches WHERE user_id = $1 AND entity = $2 AND place NOT IN
             (SELECT place FROM recent_searches WHERE user_id = $1 AND entity = $2 ORDER BY place DESC LIMIT $3)",
        )
        .bind(user.to_string())
        .bind(entity.as_str())
        .bind(MAX_RECENT)
        .execute(tx.conn())
        .await
        .attempt("forget old searches")?;
        tx.commit().await
    }

    /// Forgets what a person searched for among an entity.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear_recent_searches(&self, user: UserId, entity: Entity) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Searches, &user.to_string()).await?;
        sqlx::query("DELETE FROM recent_searches WHERE user_id = $1 AND entity = $2")
            .bind(user.to_string())
            .bind(entity.as_str())
            .execute(tx.conn())
            .await
            .attempt("forget searches")?;
        tx.commit().await
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "search" };

/// What makes two names the same.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn digest(text: &SearchText) -> Vec<u8> {
    let mut hasher = Sha256::new();
    // The length in front keeps the boxes apart.
    hasher.update((text.query.len() as u64).to_be_bytes());
    hasher.update(&text.query);
    hasher.update(&text.beside);
    hasher.finalize().to_vec()
}

fn text(row: &AnyRow) -> Result<SearchText> {
    Ok(SearchText { query: row.text("query")?, beside: row.text("beside")? })
}

fn read(row: &AnyRow) -> Result<SavedSearch> {
    Ok(SavedSearch {
        id: row.parsed("id")?,
        user: row.parsed("user_id")?,
        entity: row.parsed("entity")?,
        name: row.text("name")?,
        text: text(row)?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

async fn name_is_free(tx: &mut Tx, search: &SavedSearch) -> Result<()> {
    let taken = sqlx::query("SELECT id FROM searches WHERE user_id = $1 AND entity = $2 AND name_key = $3 AND id <> $4")
        .bind(search.user.to_string())
        .bind(search.entity.as_str())
        .bind(key(&search.name))
        .bind(search.id.to_string())
        .fetch_optional(tx.conn())
        .await
        .attempt("look for a search of the same name")?;
    match taken {
        Some(_) => {
            Err(StoreError::conflict("name-taken", format!("You already have a search named {:?}; choose another name.", search.name)))
        }
        None => Ok(()),
    }
}
