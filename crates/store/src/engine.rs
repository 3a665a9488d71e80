//! The two databases behind one interface: connections, transactions, and the little that differs.

use crate::error::{Attempt, Result, StoreError};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyQueryResult, AnyRow};
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Transaction};
use std::time::Duration;

/// Which database is behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file beside the server; one writer at a time.
    Sqlite,
    /// A server that several `fettle serve` processes may share.
    Postgres,
}

/// Connections kept for readers. SQLite readers do not block each other or the writer; four keep the pages of
/// a busy console apart without holding many caches.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL, small enough that several processes fit its default limit of 100.
const POSTGRES_CONNECTIONS: u32 = 12;
/// How long a caller waits for a free connection before it is told that the database is busy.
const ACQUIRE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) engine: Engine,
    readers: AnyPool,
    writers: AnyPool,
}

impl Database {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let engine = Engine::of(url)?;
        let options = options(engine, url)?;
        match engine {
            Engine::Sqlite => {
                create_private(url)?;
                // The writer opens first: it creates the file and switches it to write-ahead logging.
                let writers = sqlite_pool(1, options.clone()).await?;
                let readers = sqlite_pool(SQLITE_READERS, options).await?;
                Ok(Self { engine, readers, writers })
            }
            Engine::Postgres => {
                let pool = AnyPoolOptions::new()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(ACQUIRE)
                    .connect_with(options)
                    .await
                    .map_err(StoreError::Open)?;
                Ok(Self { engine, readers: pool.clone(), writers: pool })
            }
        }
    }

    /// A write transaction. On SQLite it holds the only writer from the start, so that what it reads stays
    /// true until it commits. Dropping it undoes it.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        let begun = match self.engine {
            Engine::Sqlite => self.writers.begin_with("BEGIN IMMEDIATE").await,
            Engine::Postgres => self.writers.begin().await,
        };
        Ok(Tx { inner: begun.attempt("begin a transaction")?, engine: self.engine })
    }

    /// For single reading statements.
    pub(crate) fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// Several reading statements that see one state of the database.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Any>> {
        match self.engine {
            Engine::Sqlite => self.readers.begin().await,
            Engine::Postgres => self.readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        }
        .attempt("begin reading")
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl Engine {
    /// What to put behind a column so that its texts are ordered by their bytes on both databases, whatever language
    /// PostgreSQL's was made in: one list has one order, and a cursor of it one place.
    pub(crate) fn bytewise(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " COLLATE \"C\"",
        }
    }

    /// The engine an address speaks of.
    pub(crate) fn of(url: &str) -> Result<Self> {
        match url.split_once(':').map_or(url, |(scheme, _)| scheme) {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            other => Err(StoreError::Address { got: other.chars().take(20).collect() }),
        }
    }
}

/// The path in an SQLite address, and the options behind it.
pub(crate) fn sqlite_path(url: &str) -> (&str, Option<&str>) {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)))
}

/// Makes the database file, readable by nobody else: it holds password hashes. Its companions get its permissions.
fn create_private(url: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(sqlite_path(url).0) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Open(sqlx::Error::Io(error))),
    }
}

/// Makes sqlx's options. SQLite paths are made safe for a URL.
pub(crate) fn options(engine: Engine, url: &str) -> Result<AnyConnectOptions> {
    sqlx::any::install_default_drivers();
    let address = match engine {
        Engine::Postgres => url.to_owned(),
        Engine::Sqlite => {
            let (path, query) = sqlite_path(url);
            let query = query.unwrap_or("mode=rwc");
            let absolute = std::path::absolute(path).map_err(|source| StoreError::Open(sqlx::Error::Io(source)))?;
            let mut escaped = String::from("sqlite://");
            for byte in absolute.to_string_lossy().bytes() {
                match byte {
                    b'/' | b'.' | b'-' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => escaped.push(char::from(byte)),
                    other => escaped.push_str(&format!("%{other:02X}")),
                }
            }
            format!("{escaped}?{query}")
        }
    };
    address.parse().map_err(StoreError::Open)
}

async fn sqlite_pool(connections: u32, options: AnyConnectOptions) -> Result<AnyPool> {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| {
            Box::pin(async move {
                // FULL: a commit is on the disk when it is acknowledged, also after a power cut.
                for pragma in [
                    "PRAGMA busy_timeout = 10000",
                    "PRAGMA journal_mode = WAL",
                    "PRAGMA synchronous = FULL",
                    "PRAGMA foreign_keys = ON",
                    "PRAGMA cache_size = -16000",
                    "PRAGMA temp_store = MEMORY",
                ] {
                    sqlx::raw_sql(pragma).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .map_err(StoreError::Open)
}

/// A write transaction.
pub(crate) struct Tx {
    inner: Transaction<'static, Any>,
    engine: Engine,
}

/// Names of things that are locked without having a row: one number each, in PostgreSQL's advisory lock space.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lock {
    /// Changing the schema.
    Migration = 1,
    /// Appending to the audit chain. Taken last in every transaction.
    Audit = 2,
    /// Importing into the catalog: numbers patches and the catalog's generations.
    Catalog = 3,
    /// The tree of tags.
    Tags = 4,
    /// People: there must always be a super user.
    Users = 5,
    /// Enrolment of one machine.
    Machine = 6,
    /// The searches of one person.
    Searches = 7,
    /// Mirrors, which must not clash.
    Mirrors = 8,
}

impl Tx {
    pub(crate) fn conn(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// What to put behind a `SELECT` of a row that is going to be changed. SQLite has one writer and needs nothing.
    pub(crate) fn for_update(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// Waits until no other transaction holds this lock, and holds it until the end of this one.
    pub(crate) async fn lock(&mut self, lock: Lock, key: &str) -> Result<()> {
        if self.engine == Engine::Postgres {
            sqlx::query("SELECT pg_advisory_xact_lock($1, hashtext($2))")
                .bind(lock as i32)
                .bind(key)
                .execute(self.conn())
                .await
                .attempt("wait for a lock")?;
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<()> {
        self.inner.commit().await.attempt("commit a transaction")
    }

    /// Runs a statement made here from fixed parts and placeholders; never from what users wrote.
    pub(crate) async fn run(&mut self, what: &'static str, sql: String, values: Values) -> Result<AnyQueryResult> {
        values.bind(sql).execute(self.conn()).await.attempt(what)
    }

    /// As [`Tx::run`], with the rows.
    pub(crate) async fn rows(&mut self, what: &'static str, sql: String, values: Values) -> Result<Vec<AnyRow>> {
        values.bind(sql).fetch_all(self.conn()).await.attempt(what)
    }
}

/// Arguments of a statement that is put together at run time.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<Value>);

#[derive(Debug)]
enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

impl Values {
    fn push(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("${}", self.0.len())
    }

    /// Adds an integer and gives its placeholder.
    pub(crate) fn int(&mut self, value: impl Into<Option<i64>>) -> String {
        self.push(Value::Int(value.into()))
    }

    /// Adds a text and gives its placeholder.
    pub(crate) fn text(&mut self, value: impl Into<String>) -> String {
        self.push(Value::Text(Some(value.into())))
    }

    /// Adds a text that may be missing and gives its placeholder.
    pub(crate) fn maybe_text(&mut self, value: Option<String>) -> String {
        self.push(Value::Text(value))
    }

    /// Adds bytes that may be missing and gives their placeholder.
    pub(crate) fn blob(&mut self, value: impl Into<Option<Vec<u8>>>) -> String {
        self.push(Value::Blob(value.into()))
    }

    /// Placeholders of a list of texts, `$1, $2`, for `IN (…)`.
    pub(crate) fn texts<T: ToString>(&mut self, values: impl IntoIterator<Item = T>) -> String {
        values.into_iter().map(|value| self.text(value.to_string())).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn bind(self, sql: String) -> sqlx::query::Query<'static, Any, sqlx::any::AnyArguments> {
        // Long statements come in as many shapes as there are numbers of rows: keeping them prepared would push
        // the short ones, which come again and again, out of the cache.
        let keep = sql.len() <= PREPARED;
        self.0.into_iter().fold(sqlx::query(AssertSqlSafe(sql)).persistent(keep), |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
        })
    }
}

/// Longest text of a run-time statement that is kept prepared.
const PREPARED: usize = 4096;

/// Rows per statement when many are written at once: far below the engines' limits on parameters
/// (32,766 in SQLite, 65,535 in PostgreSQL) with the widest table's columns.
pub(crate) const CHUNK: usize = 500;

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn nobody_else_reads_the_database() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::open(&format!("sqlite:{}", folder.path().join("fettle.db").display())).await.expect("opens");
        sqlx::query("CREATE TABLE a (x BIGINT)").execute(&database.writers).await.expect("writes");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder.path()).expect("a folder") {
            let entry = entry.expect("an entry");
            let mode = entry.metadata().expect("its permissions").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{} is open to others: {mode:o}", entry.path().display());
            seen += 1;
        }
        assert!(seen >= 2, "the database and its log");
    }
}
