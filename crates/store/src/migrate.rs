//! Changes of the schema, applied in order, each database once.
//!
//! A change goes in three steps, because with PostgreSQL older processes may still be running while a newer one
//! starts: **expand** (add what the new release needs, keep what the old one uses), **move** (fill it), and in
//! a later release **contract** (drop what nobody uses any more). To add one, append to [`MIGRATIONS`]; a step
//! that was released is never edited. All steps that are missing are applied in one transaction under a lock,
//! so that they happen completely or not at all, and only once when several processes start together.

use crate::engine::{Database, Engine, Lock, Tx};
use crate::error::{Attempt, Result, StoreError};
use crate::row::Get;
use jiff::Timestamp;
use sqlx::AssertSqlSafe;

/// One step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) version: i64,
    name: &'static str,
    /// For both databases.
    sql: &'static str,
    /// For SQLite alone: what makes up for the way it keeps rows.
    sqlite: &'static str,
}

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "expand: the first schema", sql: include_str!("migrations/0001_first.sql"), sqlite: "" },
    Migration { version: 2, name: "expand: searches and dynamic tags", sql: include_str!("migrations/0002_searches.sql"), sqlite: "" },
    Migration {
        version: 3,
        name: "expand: when parts of runs began and ended",
        sql: include_str!("migrations/0003_lists.sql"),
        sqlite: include_str!("migrations/0003_lists.sqlite.sql"),
    },
    Migration { version: 4, name: "expand: who carries tags with a query", sql: include_str!("migrations/0004_decided.sql"), sqlite: "" },
    Migration { version: 5, name: "expand: orders of the audit log", sql: include_str!("migrations/0005_orders.sql"), sqlite: "" },
    Migration { version: 6, name: "expand: mirrors and custom patches", sql: include_str!("migrations/0006_mirrors.sql"), sqlite: "" },
    Migration {
        version: 7,
        name: "expand: facts of vulnerabilities",
        sql: include_str!("migrations/0007_vulnerabilities.sql"),
        sqlite: "",
    },
    Migration { version: 8, name: "expand: synchronisations of feeds", sql: include_str!("migrations/0008_feed_syncs.sql"), sqlite: "" },
    Migration { version: 9, name: "expand: bundles of catalogs", sql: include_str!("migrations/0009_bundles.sql"), sqlite: "" },
    Migration {
        version: 10,
        name: "expand: what vulnerabilities are",
        sql: include_str!("migrations/0010_vulnerability_texts.sql"),
        sqlite: "",
    },
];

/// Applies what is missing.
pub(crate) async fn migrate(database: &Database, migrations: &[Migration], now: Timestamp) -> Result<()> {
    let mut tx = database.begin().await?;
    tx.lock(Lock::Migration, "").await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)")
        .execute(tx.conn())
        .await
        .attempt("prepare the list of migrations")?;
    let found = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations")
        .fetch_one(tx.conn())
        .await
        .attempt("read the list of migrations")?
        .int("version")?;
    let known = migrations.last().map_or(0, |migration| migration.version);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for migration in migrations.iter().filter(|migration| migration.version > found) {
        apply(&mut tx, migration, now).await?;
        tracing::info!(version = migration.version, name = migration.name, "the database was migrated");
    }
    tx.commit().await
}

async fn apply(tx: &mut Tx, migration: &Migration, now: Timestamp) -> Result<()> {
    let Migration { version, name, sql, sqlite } = *migration;
    let sql = sql.replace("{bytewise}", tx.engine().bytewise());
    let sql = match tx.engine() {
        Engine::Sqlite => format!("{}\n{sqlite}", sql.replace("{blob}", "BLOB")),
        Engine::Postgres => sql.replace("{blob}", "BYTEA"),
    };
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(tx.conn()).await.map_err(|source| StoreError::Migrate { version, name, source })?;
    sqlx::query("INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)")
        .bind(version)
        .bind(name)
        .bind(now.as_microsecond())
        .execute(tx.conn())
        .await
        .map_err(|source| StoreError::Migrate { version, name, source })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn database() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::open(&format!("sqlite:{}", folder.path().join("a b%#ü.db").display())).await;
        (folder, database.expect("opens"))
    }

    fn step(version: i64, sql: &'static str) -> Migration {
        Migration { version, name: "a step", sql, sqlite: "" }
    }

    async fn version(database: &Database) -> i64 {
        let row = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations").fetch_one(database.read()).await;
        row.expect("the list is there").int("version").expect("a number")
    }

    #[tokio::test]
    async fn a_failing_step_leaves_no_trace_of_any() {
        let (_folder, database) = database().await;
        migrate(&database, &[step(1, "CREATE TABLE a (x BIGINT)")], Timestamp::UNIX_EPOCH).await.expect("applies");
        let steps = [step(1, ""), step(2, "CREATE TABLE b (x BIGINT)"), step(3, "CREATE TABLE a (x BIGINT)")];
        let failed = migrate(&database, &steps, Timestamp::UNIX_EPOCH).await;
        assert!(matches!(failed, Err(StoreError::Migrate { version: 3, .. })), "{failed:?}");
        assert_eq!(version(&database).await, 1);
        assert!(sqlx::query("SELECT x FROM b").fetch_all(database.read()).await.is_err());
        migrate(&database, &steps[..2], Timestamp::UNIX_EPOCH).await.expect("goes on where it was");
        assert_eq!(version(&database).await, 2);
    }

    #[tokio::test]
    async fn an_older_release_refuses_a_newer_schema() {
        let (_folder, database) = database().await;
        let steps = [step(1, "CREATE TABLE a (x BIGINT)"), step(2, "CREATE TABLE b (x BIGINT)")];
        migrate(&database, &steps, Timestamp::UNIX_EPOCH).await.expect("applies");
        let refused = migrate(&database, &steps[..1], Timestamp::UNIX_EPOCH).await.expect_err("too old");
        assert!(matches!(refused, StoreError::Newer { found: 2, known: 1 }));
        assert!(refused.to_string().contains("start a release that is at least as new"));
    }

    #[test]
    fn steps_are_numbered_without_gaps() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(usize::try_from(migration.version), Ok(index + 1));
            assert!(["expand: ", "move: ", "contract: "].iter().any(|phase| migration.name.starts_with(phase)), "{}", migration.name);
        }
    }
}
