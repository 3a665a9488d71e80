//! Opening and closing, the installation's own facts, and what is thrown away in time.

use crate::engine::Engine;
use crate::{Result, Store, StoreError};
use fettle_model::clock::{Clock, Entropy};
use jiff::Timestamp;
use uuid::Uuid;

impl Store {
    /// Opens `sqlite:/path/fettle.db` or `postgres://user@host/database`, makes or migrates the schema, and
    /// gives a new database its installation id.
    ///
    /// # Errors
    /// When the database cannot be reached, a migration fails, or its schema is newer than this build.
    pub async fn open(url: &str, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Self> {
        let _ = (url, clock, entropy);
        Err(StoreError::Closed)
    }

    /// Stops accepting writes, finishes those under way and closes the connections.
    pub async fn close(&self) {}

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
        Err(StoreError::Closed)
    }

    /// A small value kept by name, such as the digest of the manifest key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta(&self, key: &str) -> Result<Option<String>> {
        let _ = key;
        Err(StoreError::Closed)
    }

    /// Keeps a small value by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        let _ = (key, value);
        Err(StoreError::Closed)
    }

    /// Throws away what has outlived its use: ended sessions, idempotency keys of more than a day, event ids of
    /// more than 90 days, inventories that no asset refers to. Gives the number of rows removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, now: Timestamp) -> Result<u64> {
        let _ = now;
        Err(StoreError::Closed)
    }
}
