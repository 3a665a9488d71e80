//! The audit log: who changed what, when and from where; appended in the transaction of the change.

use crate::engine::{Lock, Tx, Values};
use crate::error::Attempt;
use crate::row::{Get, micros};
use crate::{Result, Store};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

/// A change, as the one who makes it describes it. Never holds a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the server itself.
    pub who: Option<UserId>,
    /// Their name at that time; `fettle` for the server itself.
    pub who_name: String,
    /// From where: an address, or `local`.
    pub from: String,
    /// What was done: `user.create`.
    pub action: String,
    /// To what: `user 0190…`.
    pub subject: String,
    /// How it was; `None` for a creation.
    pub before: Option<Value>,
    /// How it is now; `None` for a removal.
    pub after: Option<Value>,
}

/// An entry in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Position in the chain, from 1, without gaps.
    pub number: u64,
    /// The change.
    pub entry: AuditEntry,
    /// SHA-256 over the hash before it and this entry.
    pub hash: Sha256Digest,
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every entry is as it was written, none is missing; how many there are.
    Whole(u64),
    /// The first entry that is missing or was changed.
    Broken {
        /// Its position.
        number: u64,
    },
}

impl Store {
    /// Appends an entry that belongs to no other change, such as a log-in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_audit(&self, entry: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        append(&mut tx, entry).await?;
        tx.commit().await
    }

    /// Entries, newest first, older than position `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRow>> {
        let before = before.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        let rows = sqlx::query("SELECT * FROM audit_log WHERE number < $1 ORDER BY number DESC LIMIT $2")
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(self.read())
            .await
            .attempt("read the audit log")?;
        rows.iter().map(read).collect()
    }

    /// Recomputes the chain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_audit(&self) -> Result<AuditVerdict> {
        let mut last = (0_u64, START);
        loop {
            let rows = sqlx::query("SELECT * FROM audit_log WHERE number > $1 ORDER BY number LIMIT 1000")
                .bind(i64::try_from(last.0).unwrap_or(i64::MAX))
                .fetch_all(self.read())
                .await
                .attempt("read the audit log")?;
            if rows.is_empty() {
                return Ok(AuditVerdict::Whole(last.0));
            }
            for row in rows {
                let number = last.0 + 1;
                let hash = Link::read(&row)?.hash(number, last.1);
                if row.unsigned::<u64>("number")? != number || row.digest("hash")? != hash {
                    return Ok(AuditVerdict::Broken { number });
                }
                last = (number, hash);
            }
        }
    }
}

/// What the first entry is chained to.
const START: Sha256Digest = Sha256Digest([0; 32]);

/// An entry as it is hashed: the stored texts themselves, so that no re-encoding can change them.
struct Link {
    at: i64,
    who: Option<String>,
    who_name: String,
    origin: String,
    action: String,
    subject: String,
    before: Option<String>,
    after: Option<String>,
}

impl Link {
    fn of(entry: &AuditEntry) -> Self {
        Self {
            at: micros(entry.at),
            who: entry.who.map(|who| who.to_string()),
            who_name: entry.who_name.clone(),
            origin: entry.from.clone(),
            action: entry.action.clone(),
            subject: entry.subject.clone(),
            before: entry.before.as_ref().map(Value::to_string),
            after: entry.after.as_ref().map(Value::to_string),
        }
    }

    fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            at: row.int("at")?,
            who: row.maybe_text("who")?,
            who_name: row.text("who_name")?,
            origin: row.text("origin")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            before: row.maybe_text("before_json")?,
            after: row.maybe_text("after_json")?,
        })
    }

    fn hash(&self, number: u64, previous: Sha256Digest) -> Sha256Digest {
        let mut hasher = Sha256::new();
        hasher.update(previous.0);
        hasher.update(number.to_be_bytes());
        hasher.update(self.at.to_be_bytes());
        let always = [&self.who_name, &self.origin, &self.action, &self.subject].map(|text| Some(text.as_str()));
        for text in always.into_iter().chain([self.who.as_deref(), self.before.as_deref(), self.after.as_deref()]) {
            // The length in front keeps neighbouring texts apart; one that is missing differs from an empty one.
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            hasher.update(length.to_be_bytes());
            hasher.update(text.unwrap_or_default());
        }
        Sha256Digest(hasher.finalize().into())
    }
}

/// Appends in the caller's transaction, as its last step: everybody who changes something waits here in turn.
pub(crate) async fn append(tx: &mut Tx, entry: &AuditEntry) -> Result<()> {
    tx.lock(Lock::Audit, "").await?;
    let last = sqlx::query("SELECT number, hash FROM audit_log ORDER BY number DESC LIMIT 1")
        .fetch_optional(tx.conn())
        .await
        .attempt("read the end of the audit log")?;
    let (number, previous) = match last {
        Some(row) => (row.unsigned::<u64>("number")?, row.digest("hash")?),
        None => (0, START),
    };
    let number = number + 1;
    let link = Link::of(entry);
    let hash = link.hash(number, previous);
    let mut values = Values::default();
    let places = [
        values.int(i64::try_from(number).unwrap_or(i64::MAX)),
        values.int(link.at),
        values.maybe_text(link.who),
        values.text(link.who_name),
        values.text(link.origin),
        values.text(link.action),
        values.text(link.subject),
        values.maybe_text(link.before),
        values.maybe_text(link.after),
        values.blob(hash.0.to_vec()),
    ]
    .join(", ");
    let sql = format!(
        "INSERT INTO audit_log (number, at, who, who_name, origin, action, subject, before_json, after_json, hash) VALUES ({places})"
    );
    tx.run("append to the audit log", sql, values).await?;
    Ok(())
}

pub(crate) fn read(row: &AnyRow) -> Result<AuditRow> {
    Ok(AuditRow {
        number: row.unsigned("number")?,
        entry: AuditEntry {
            at: row.time("at")?,
            who: row.maybe_parsed("who")?,
            who_name: row.text("who_name")?,
            from: row.text("origin")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            before: row.maybe_json("before_json")?,
            after: row.maybe_json("after_json")?,
        },
        hash: row.digest("hash")?,
    })
}
