//! Feeds: where catalog records come from, and how the last synchronisation went.

use crate::audit::append;
use crate::engine::{Lock, Tx, Values};
use crate::error::Attempt;
use crate::feed_syncs::{self, SyncOutcome, SyncedPatches};
use crate::row::{Get, json, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::ids::{FeedId, PatchId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::any::AnyRow;

/// A source of catalog records.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRecord {
    /// Id.
    pub id: FeedId,
    /// Name for people; unique.
    pub name: String,
    /// The feed's configuration as the catalog crate writes it.
    pub config: Value,
    /// Whether it is synchronised.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// How the last synchronisation went.
    pub state: FeedState,
}

/// How the last synchronisation of a feed went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    /// When it was last tried.
    pub last_attempt: Option<Timestamp>,
    /// When it last succeeded, changed or not.
    pub last_success: Option<Timestamp>,
    /// Why the last try failed; `None` after a success.
    pub error: Option<String>,
    /// What the last success was in doubt about.
    pub warnings: Vec<String>,
    /// Patches added by the last import.
    pub added: u32,
    /// Patches changed by the last import.
    pub changed: u32,
    /// Patches withdrawn by the last import.
    pub withdrawn: u32,
    /// Patches it carries.
    pub patches: u32,
    /// Vulnerabilities it speaks of; `added`, `changed` and `withdrawn` count these then.
    #[serde(default)]
    pub facts: u32,
    /// Somebody asked for a synchronisation since the last try.
    pub requested: bool,
}

impl FeedState {
    /// What a synchronisation that was just written here did.
    pub(crate) fn outcome(&self) -> SyncOutcome {
        let Self { error, warnings, added, changed, withdrawn, .. } = self.clone();
        SyncOutcome { error, warnings, added, changed, withdrawn }
    }
}

/// What can be changed of a feed; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeedChange {
    /// New name.
    pub name: Option<String>,
    /// New configuration.
    pub config: Option<Value>,
    /// Switch it off or on.
    pub enabled: Option<bool>,
}

impl Store {
    /// Every feed, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feeds(&self) -> Result<Vec<FeedRecord>> {
        let rows = sqlx::query("SELECT * FROM feeds ORDER BY name_key").fetch_all(self.read()).await.attempt("read feeds")?;
        rows.iter().map(read).collect()
    }

    /// One feed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed(&self, id: FeedId) -> Result<Option<FeedRecord>> {
        let row = sqlx::query("SELECT * FROM feeds WHERE id = $1").bind(id.to_string()).fetch_optional(self.read()).await;
        row.attempt("read a feed")?.as_ref().map(read).transpose()
    }

    /// Adds a feed, with a first synchronisation requested.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `name-taken`.
    pub async fn create_feed(&self, feed: &FeedRecord, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        name_is_free(&mut tx, feed.id, &feed.name).await?;
        let state = FeedState { requested: true, ..feed.state.clone() };
        insert(&mut tx, &FeedRecord { state, ..feed.clone() }).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Changes a feed; a changed configuration requests a synchronisation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `name-taken`, `feed-of-a-bundle`.
    pub async fn update_feed(&self, id: FeedId, change: &FeedChange, audit: &AuditEntry) -> Result<FeedRecord> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let mut feed = lock_feed(&mut tx, id).await?.ok_or(NOT_FOUND)?;
        if change.config.is_some() || change.enabled == Some(true) {
            not_bundled(&mut tx, id).await?;
        }
        if let Some(name) = &change.name {
            name_is_free(&mut tx, id, name).await?;
            feed.name.clone_from(name);
        }
        if let Some(config) = change.config.as_ref().filter(|config| **config != feed.config) {
            feed.config = config.clone();
            feed.state.requested = true;
        }
        feed.enabled = change.enabled.unwrap_or(feed.enabled);
        write(&mut tx, &feed).await?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(feed)
    }

    /// Removes a feed, withdraws its patches and forgets what it says of vulnerabilities. Gives the catalog's new generation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `feed-of-a-bundle`.
    pub async fn delete_feed(&self, id: FeedId, audit: &AuditEntry) -> Result<u64> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        not_bundled(&mut tx, id).await?;
        let done = sqlx::query("DELETE FROM feeds WHERE id = $1").bind(id.to_string()).execute(tx.conn()).await.attempt("remove a feed")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        let withdrawn = crate::patches::withdraw_all(&mut tx, id).await?;
        let generation = crate::patches::generation(&mut tx, withdrawn > 0).await?;
        let forgotten = crate::vulnerabilities::forget(&mut tx, id).await?;
        crate::vulnerabilities::generation(&mut tx, forgotten).await?;
        feed_syncs::forget(&mut tx, id, i64::MAX).await?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(generation)
    }

    /// Asks for a synchronisation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `feed-of-a-bundle`.
    pub async fn request_sync(&self, id: FeedId, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        let mut feed = lock_feed(&mut tx, id).await?.ok_or(NOT_FOUND)?;
        not_bundled(&mut tx, id).await?;
        feed.state.requested = true;
        write(&mut tx, &feed).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Notes that a synchronisation failed, or that it succeeded and nothing had changed (`error` is `None`).
    /// A removed feed is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_sync(&self, id: FeedId, now: Timestamp, error: Option<&str>) -> Result<()> {
        let mut tx = self.begin().await?;
        let Some(mut feed) = lock_feed(&mut tx, id).await? else { return Ok(()) };
        feed.state.last_attempt = Some(now);
        feed.state.requested = false;
        feed.state.error = error.map(str::to_owned);
        if error.is_none() {
            feed.state.last_success = Some(now);
        }
        write(&mut tx, &feed).await?;
        let outcome = SyncOutcome { error: feed.state.error, ..SyncOutcome::default() };
        feed_syncs::note(&mut tx, id, now, &outcome, &SyncedPatches::default()).await?;
        tx.commit().await
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "feed" };

pub(crate) fn read(row: &AnyRow) -> Result<FeedRecord> {
    Ok(FeedRecord {
        id: row.parsed("id")?,
        name: row.text("name")?,
        config: row.json("config")?,
        enabled: row.flag("enabled")?,
        created_at: row.time("created_at")?,
        state: row.json("state")?,
    })
}

/// Refuses to touch a feed that came with bundles: the next one would not fit any more.
async fn not_bundled(tx: &mut Tx, id: FeedId) -> Result<()> {
    if !crate::bundles::is_bundled(tx, id).await? {
        return Ok(());
    }
    let why = "This feed comes with bundles of another server's catalog: it changes when one is imported, and goes when that server is no longer trusted.";
    Err(StoreError::conflict("feed-of-a-bundle", why))
}

pub(crate) async fn insert(tx: &mut Tx, feed: &FeedRecord) -> Result<()> {
    let mut values = Values::default();
    let places = [
        values.text(feed.id.to_string()),
        values.text(&feed.name),
        values.text(feed.name.to_lowercase()),
        values.text(json("feed", &feed.config)?),
        values.int(i64::from(feed.enabled)),
        values.int(micros(feed.created_at)),
        values.text(json("feed", &feed.state)?),
    ]
    .join(", ");
    let sql = format!("INSERT INTO feeds (id, name, name_key, config, enabled, created_at, state) VALUES ({places})");
    tx.run("add a feed", sql, values).await.map(|_| ())
}

/// The name that a feed of another server gets here: its own, or, where that is taken, with whose it is behind it.
pub(crate) async fn free_name(tx: &mut Tx, wanted: &str, from: &str) -> Result<String> {
    // No feed has this id, so that all count.
    let nobody = FeedId(uuid::Uuid::nil());
    match name_is_free(tx, nobody, wanted).await {
        Ok(()) => Ok(wanted.to_owned()),
        Err(StoreError::Conflict { .. }) => {
            let name = format!("{wanted} ({from})");
            name_is_free(tx, nobody, &name).await.map(|()| name)
        }
        Err(error) => Err(error),
    }
}

/// Says which feed carries a patch already.
pub(crate) async fn carried_elsewhere(tx: &mut Tx, patch: &PatchId, owner: FeedId) -> Result<StoreError> {
    let name = lock_feed(tx, owner).await?.map_or_else(|| fettle_model::custom::SOURCE.to_owned(), |feed| feed.name);
    let why =
        format!("The feed {name:?} here carries the patch {patch} already, and a patch has one feed: remove that feed, and import again.");
    Ok(StoreError::conflict("patch-of-another-feed", why))
}

pub(crate) async fn lock_feed(tx: &mut Tx, id: FeedId) -> Result<Option<FeedRecord>> {
    let sql = format!("SELECT * FROM feeds WHERE id = $1{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string()).fetch_optional(tx.conn()).await;
    row.attempt("read a feed")?.as_ref().map(read).transpose()
}

pub(crate) async fn write(tx: &mut Tx, feed: &FeedRecord) -> Result<()> {
    sqlx::query("UPDATE feeds SET name = $1, name_key = $2, config = $3, enabled = $4, state = $5 WHERE id = $6")
        .bind(&feed.name)
        .bind(feed.name.to_lowercase())
        .bind(json("feed", &feed.config)?)
        .bind(i64::from(feed.enabled))
        .bind(json("feed", &feed.state)?)
        .bind(feed.id.to_string())
        .execute(tx.conn())
        .await
        .attempt("change a feed")?;
    Ok(())
}

async fn name_is_free(tx: &mut Tx, id: FeedId, name: &str) -> Result<()> {
    if name.eq_ignore_ascii_case(fettle_model::custom::SOURCE) {
        let why = format!("{name:?} is the feed of uploaded patches; choose another name.");
        return Err(StoreError::conflict("name-taken", why));
    }
    let taken = sqlx::query("SELECT id FROM feeds WHERE name_key = $1 AND id <> $2")
        .bind(name.to_lowercase())
        .bind(id.to_string())
        .fetch_optional(tx.conn())
        .await
        .attempt("look for a feed of the same name")?;
    match taken {
        Some(_) => Err(StoreError::conflict("name-taken", format!("There is already a feed named {name:?}; choose another name."))),
        None => Ok(()),
    }
}
