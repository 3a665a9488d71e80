//! Opening and closing, the installation's own facts, and what is thrown away in time.

use crate::engine::{Database, Engine};
use crate::error::Attempt;
use crate::group::Group;
use crate::migrate::{MIGRATIONS, migrate};
use crate::row::{Get, micros};
use crate::{Inner, Result, Store, StoreError};
use fettle_model::clock::{Clock, Entropy};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

const INSTALLATION: &str = "installation_id";

/// How long idempotency keys are remembered.
pub(crate) const IDEMPOTENCY_AGE: SignedDuration = SignedDuration::from_hours(24);
/// How long event ids are remembered: longer than an agent keeps a report it could not deliver. A report that
/// comes even later is judged by the run's state alone, which repeated reports do not change either.
const EVENT_AGE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long an inventory that no asset refers to is kept: an upload that found it is then certainly over.
const INVENTORY_AGE: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Opens `sqlite:/path/fettle.db` or `postgres://user@host/database`, makes or migrates the schema, and
    /// gives a new database its installation id. Runs inside a tokio runtime.
    ///
    /// # Errors
    /// When the database cannot be reached, a migration fails, or its schema is newer than this build.
    pub async fn open(url: &str, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Self> {
        let database = Database::open(url).await?;
        let now = clock.now();
        migrate(&database, MIGRATIONS, now).await?;
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let fresh = uuid::Builder::from_unix_timestamp_millis(millis, &entropy.ten()).into_uuid();
        let installation = installation(&database, fresh).await?;
        let group = Group::start(database.clone());
        Ok(Self { inner: Arc::new(Inner { database, group, installation }) })
    }

    /// Stops accepting grouped writes, finishes those under way and closes the connections.
    pub async fn close(&self) {
        self.inner.group.close().await;
        self.inner.database.close().await;
    }

    /// Which database this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.database.engine
    }

    /// The id this installation was given when its database was made.
    #[must_use]
    pub fn installation_id(&self) -> Uuid {
        self.inner.installation
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1 AS one").fetch_one(self.read()).await.attempt("reach the database")?;
        Ok(())
    }

    /// A small value kept by name, such as the digest of the manifest key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta(&self, key: &str) -> Result<Option<String>> {
        let row =
            sqlx::query("SELECT value FROM meta WHERE key = $1").bind(key).fetch_optional(self.read()).await.attempt("read a setting")?;
        row.map(|row| row.text("value")).transpose()
    }

    /// Keeps a small value by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(key)
            .bind(value)
            .execute(tx.conn())
            .await
            .attempt("keep a setting")?;
        tx.commit().await
    }

    /// Throws away what has outlived its use: ended sessions, idempotency keys of more than a day, event ids of
    /// more than 90 days, inventories that no asset refers to. Gives the number of rows removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, now: Timestamp) -> Result<u64> {
        let old = |age: SignedDuration| now.checked_sub(age).map_or(0, micros);
        let statements = [
            ("DELETE FROM sessions WHERE expires_at <= $1", micros(now)),
            ("DELETE FROM idempotency_keys WHERE begun_at < $1", old(IDEMPOTENCY_AGE)),
            ("DELETE FROM run_events WHERE received_at < $1", old(EVENT_AGE)),
            (
                "DELETE FROM inventories WHERE used_at < $1 AND NOT EXISTS (SELECT 1 FROM scans WHERE scans.digest = inventories.digest)",
                old(INVENTORY_AGE),
            ),
        ];
        let mut removed = 0;
        for (sql, before) in statements {
            let mut tx = self.begin().await?;
            removed += sqlx::query(sql).bind(before).execute(tx.conn()).await.attempt("prune the database")?.rows_affected();
            tx.commit().await?;
        }
        Ok(removed)
    }

    pub(crate) async fn begin(&self) -> Result<crate::engine::Tx> {
        self.inner.database.begin().await
    }

    pub(crate) fn read(&self) -> &sqlx::AnyPool {
        self.inner.database.read()
    }
}

/// The installation's id; `fresh` when it has none yet.
async fn installation(database: &Database, fresh: Uuid) -> Result<Uuid> {
    let mut tx = database.begin().await?;
    sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
        .bind(INSTALLATION)
        .bind(fresh.to_string())
        .execute(tx.conn())
        .await
        .attempt("name the installation")?;
    let row = sqlx::query("SELECT value FROM meta WHERE key = $1")
        .bind(INSTALLATION)
        .fetch_one(tx.conn())
        .await
        .attempt("read the installation's id")?;
    let id = row.text("value")?.parse().map_err(|source: uuid::Error| StoreError::corrupt("installation id", source))?;
    tx.commit().await?;
    Ok(id)
}
