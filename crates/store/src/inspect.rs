//! Looking at a database without changing it, for whoever checks an installation.

use crate::engine::{Engine, options, sqlite_path};
use crate::error::Attempt;
use crate::migrate::MIGRATIONS;
use crate::row::Get;
use crate::{Result, Store, StoreError};
use sqlx::{AnyConnection, Connection};
use std::path::Path;

/// Which schema a database has, and which one this build uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The newest migration that was applied.
    pub found: i64,
    /// The newest migration this build knows.
    pub wanted: i64,
}

impl Store {
    /// Reads which schema the database has; `None` when it has none yet. Nothing is created or migrated,
    /// and a server may be at work on the same database.
    ///
    /// # Errors
    /// When the database cannot be reached or is not one.
    pub async fn inspect(url: &str) -> Result<Option<Schema>> {
        let engine = Engine::of(url)?;
        let (address, count) = match engine {
            Engine::Sqlite => {
                let path = sqlite_path(url).0;
                if !Path::new(path).exists() {
                    return Ok(None);
                }
                (format!("sqlite:{path}?mode=ro"), "SELECT COUNT(*) AS tables FROM sqlite_master WHERE name = 'schema_migrations'")
            }
            Engine::Postgres => {
                let count = "SELECT COUNT(*) AS tables FROM information_schema.tables \
                             WHERE table_schema = current_schema() AND table_name = 'schema_migrations'";
                (url.to_owned(), count)
            }
        };
        let mut connection = AnyConnection::connect_with(&options(engine, &address)?).await.map_err(StoreError::Open)?;
        let tables = sqlx::query(count).fetch_one(&mut connection).await.attempt("read which tables there are")?.int("tables")?;
        let schema = if tables == 0 {
            None
        } else {
            let row = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations").fetch_one(&mut connection).await;
            let found = row.attempt("read the list of migrations")?.int("version")?;
            Some(Schema { found, wanted: MIGRATIONS.last().map_or(0, |migration| migration.version) })
        };
        connection.close().await.attempt("close the database")?;
        Ok(schema)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Database;
    use crate::migrate::migrate;
    use jiff::Timestamp;

    #[tokio::test]
    async fn looking_changes_nothing_and_sees_the_schema() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("fettle.db");
        let url = format!("sqlite:{}", path.display());
        assert_eq!(Store::inspect(&url).await.expect("looks"), None);
        assert!(!path.exists(), "looking made a file");
        let database = Database::open(&url).await.expect("opens");
        assert_eq!(Store::inspect(&url).await.expect("looks"), None);
        migrate(&database, &MIGRATIONS[..1], Timestamp::UNIX_EPOCH).await.expect("migrates");
        let seen = Store::inspect(&url).await.expect("looks while it is open").expect("has a schema");
        assert_eq!(seen.found, 1);
        database.close().await;
        std::fs::write(&path, "this is no database, however long it may be".repeat(100)).expect("written");
        assert!(Store::inspect(&url).await.is_err());
    }
}
