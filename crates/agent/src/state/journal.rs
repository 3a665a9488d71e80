//! The journal: executions and unacknowledged reports, durable before anything is done or said.

use fettle_deploy::agent::Execution;
use fettle_model::ids::RunId;
use fettle_protocol::message::Event;
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Execution by run id.
const EXECUTIONS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("executions");
/// Events not yet acknowledged, by number.
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");
/// Single numbers, by name.
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");

/// redb's page cache. The journal holds some kilobytes; its default of a gigabyte is for databases.
const CACHE: usize = 256 * 1024;

/// The versions of a stored execution. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Record {
    V1(Execution),
}

/// A number that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// Generation of the newest manifest taken.
    Generation,
    /// Last work number acted on.
    WorkSeen,
    /// Last scan number acted on.
    ScanSeen,
}

impl Number {
    fn name(self) -> &'static str {
        match self {
            Self::Generation => "generation",
            Self::WorkSeen => "work_seen",
            Self::ScanSeen => "scan_seen",
        }
    }
}

/// The journal could not be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process has it open.
    #[error("another fettle-agent is running on this state folder: stop it first (systemctl stop fettle-agent)")]
    Taken,
    /// The file could not be opened.
    #[error("could not open the journal; if it is damaged, enrol this machine again")]
    Open(#[source] Box<redb::DatabaseError>),
    /// It could not be read or written.
    #[error("could not {doing} the journal")]
    Use {
        /// What was attempted.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<redb::Error>,
    },
    /// A record cannot be encoded or decoded.
    #[error("a record of the journal does not fit this version")]
    Record(#[source] postcard::Error),
}

fn opening(error: redb::DatabaseError) -> JournalError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => JournalError::Taken,
        other => JournalError::Open(Box::new(other)),
    }
}

fn using<E: Into<redb::Error>>(doing: &'static str) -> impl Fn(E) -> JournalError {
    move |error| JournalError::Use { doing, source: Box::new(error.into()) }
}

/// The journal.
#[derive(Debug)]
pub struct Journal(Database);

impl Journal {
    /// Opens or makes the journal in a file.
    ///
    /// # Errors
    /// When another process has it open, or it is damaged beyond redb's repair.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let database = Database::builder().set_cache_size(CACHE).create(path).map_err(opening)?;
        Self::with_tables(database)
    }

    /// A journal that is gone with the process.
    ///
    /// # Errors
    /// When memory is short.
    pub fn in_memory() -> Result<Self, JournalError> {
        let database = Database::builder().set_cache_size(CACHE).create_with_backend(InMemoryBackend::new()).map_err(opening)?;
        Self::with_tables(database)
    }

    /// Readers find all tables, also before anything was written.
    fn with_tables(database: Database) -> Result<Self, JournalError> {
        let write = database.begin_write().map_err(using("set up"))?;
        write.open_table(EXECUTIONS).map_err(using("set up"))?;
        write.open_table(OUTBOX).map_err(using("set up"))?;
        write.open_table(NUMBERS).map_err(using("set up"))?;
        write.commit().map_err(using("set up"))?;
        Ok(Self(database))
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn clear(&self) -> Result<(), JournalError> {
        let write = self.0.begin_write().map_err(using("empty"))?;
        write.delete_table(EXECUTIONS).map_err(using("empty"))?;
        write.delete_table(OUTBOX).map_err(using("empty"))?;
        write.delete_table(NUMBERS).map_err(using("empty"))?;
        write.open_table(EXECUTIONS).map_err(using("empty"))?;
        write.open_table(OUTBOX).map_err(using("empty"))?;
        write.open_table(NUMBERS).map_err(using("empty"))?;
        write.commit().map_err(using("empty"))
    }

    /// Stores an execution's new state and what is to be reported of it, together. A generation higher than the
    /// one known is kept as well.
    ///
    /// # Errors
    /// When it cannot be written; nothing is then stored.
    pub fn save(&self, execution: &Execution, events: &[Event]) -> Result<(), JournalError> {
        let record = postcard::to_stdvec(&Record::V1(execution.clone())).map_err(JournalError::Record)?;
        let write = self.0.begin_write().map_err(using("write"))?;
        {
            let mut executions = write.open_table(EXECUTIONS).map_err(using("write"))?;
            executions.insert(execution.run().0.as_u128(), record.as_slice()).map_err(using("write"))?;
            let mut outbox = write.open_table(OUTBOX).map_err(using("write"))?;
            let next = outbox.last().map_err(using("read"))?.map_or(0, |(number, _)| number.value() + 1);
            for (number, event) in (next..).zip(events) {
                let bytes = postcard::to_stdvec(event).map_err(JournalError::Record)?;
                outbox.insert(number, bytes.as_slice()).map_err(using("write"))?;
            }
            let mut numbers = write.open_table(NUMBERS).map_err(using("write"))?;
            let known = numbers.get(Number::Generation.name()).map_err(using("read"))?.map_or(0, |number| number.value());
            numbers.insert(Number::Generation.name(), known.max(execution.generation())).map_err(using("write"))?;
        }
        write.commit().map_err(using("write"))
    }

    /// All executions, in the order of their generation. One that this version cannot read is left out.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn executions(&self) -> Result<Vec<Execution>, JournalError> {
        let read = self.0.begin_read().map_err(using("read"))?;
        let table = read.open_table(EXECUTIONS).map_err(using("read"))?;
        let mut executions = Vec::new();
        for row in table.iter().map_err(using("read"))? {
            let (run, bytes) = row.map_err(using("read"))?;
            match postcard::from_bytes(bytes.value()) {
                Ok(Record::V1(execution)) => executions.push(execution),
                Err(error) => tracing::error!(run = run.value(), %error, "an execution in the journal cannot be read; it is ignored"),
            }
        }
        executions.sort_by_key(Execution::generation);
        Ok(executions)
    }

    /// Forgets an execution.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remove(&self, run: RunId) -> Result<(), JournalError> {
        let write = self.0.begin_write().map_err(using("write"))?;
        write.open_table(EXECUTIONS).map_err(using("write"))?.remove(run.0.as_u128()).map_err(using("write"))?;
        write.commit().map_err(using("write"))
    }

    /// The oldest events not yet acknowledged, at most `limit`, with their numbers.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn outbox(&self, limit: usize) -> Result<Vec<(u64, Event)>, JournalError> {
        let read = self.0.begin_read().map_err(using("read"))?;
        let table = read.open_table(OUTBOX).map_err(using("read"))?;
        let mut events = Vec::new();
        for row in table.iter().map_err(using("read"))?.take(limit) {
            let (number, bytes) = row.map_err(using("read"))?;
            events.push((number.value(), postcard::from_bytes(bytes.value()).map_err(JournalError::Record)?));
        }
        Ok(events)
    }

    /// The server has these events for good.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn acknowledge(&self, numbers: &[u64]) -> Result<(), JournalError> {
        let write = self.0.begin_write().map_err(using("write"))?;
        {
            let mut outbox = write.open_table(OUTBOX).map_err(using("write"))?;
            for number in numbers {
                outbox.remove(number).map_err(using("write"))?;
            }
        }
        write.commit().map_err(using("write"))
    }

    /// A number; 0 when it was never set.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn number(&self, number: Number) -> Result<u64, JournalError> {
        let read = self.0.begin_read().map_err(using("read"))?;
        let table = read.open_table(NUMBERS).map_err(using("read"))?;
        Ok(table.get(number.name()).map_err(using("read"))?.map_or(0, |value| value.value()))
    }

    /// Keeps a number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_number(&self, number: Number, value: u64) -> Result<(), JournalError> {
        let write = self.0.begin_write().map_err(using("write"))?;
        write.open_table(NUMBERS).map_err(using("write"))?.insert(number.name(), value).map_err(using("write"))?;
        write.commit().map_err(using("write"))
    }
}
