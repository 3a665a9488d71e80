//! The audit log by query.

use crate::engine::Values;
use crate::error::Attempt;
use crate::narrow::{self, narrow};
use crate::row::Get;
use crate::{AuditRow, Result, Store};
use fettle_query::Checked;

/// A column of the audit log that holds texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditColumn {
    /// Who did it.
    Actor,
    /// Address it came from.
    From,
    /// What was done.
    Action,
    /// What it was done to.
    Subject,
}

/// In which order the audit log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditOrder {
    /// By which text, compared byte by byte; `None`: by position, which is the order in which things happened.
    pub by: Option<AuditColumn>,
    /// Last first. Entries with equal texts are ordered by position, in the same direction.
    pub descending: bool,
}

/// A place in the audit log in some order: that of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPlace {
    /// What the entry has in the column that the log is ordered by; empty when by position.
    pub value: String,
    /// Its position in the chain.
    pub number: u64,
}

impl AuditPlace {
    /// The place of an entry.
    #[must_use]
    pub fn of(row: &AuditRow, by: Option<AuditColumn>) -> Self {
        let entry = &row.entry;
        let value = match by {
            None => "",
            Some(AuditColumn::Actor) => &entry.who_name,
            Some(AuditColumn::From) => &entry.from,
            Some(AuditColumn::Action) => &entry.action,
            Some(AuditColumn::Subject) => &entry.subject,
        };
        Self { value: value.to_owned(), number: row.number }
    }
}

impl AuditColumn {
    const fn name(self) -> &'static str {
        match self {
            Self::Actor => "who_name",
            Self::From => "origin",
            Self::Action => "action",
            Self::Subject => "subject",
        }
    }
}

impl Store {
    /// Entries of the audit log that may satisfy a query, in an order, behind a place. The caller interprets each. At
    /// most `limit`; fewer mean that the log has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_that_may(
        &self,
        query: &Checked,
        order: AuditOrder,
        after: Option<&AuditPlace>,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        let mut values = Values::default();
        let mut condition = narrow(query, narrow::audit).into_sql(&mut values);
        let (turn, than) = if order.descending { ("DESC", "<") } else { ("ASC", ">") };
        let column = order.by.map(|column| format!("a.{}{}", column.name(), self.engine().bytewise()));
        if let Some(after) = after {
            let number = values.int(i64::try_from(after.number).unwrap_or(i64::MAX));
            condition = match &column {
                Some(column) => format!("{condition} AND ({column}, a.number) {than} ({}, {number})", values.text(&after.value)),
                None => format!("{condition} AND a.number {than} {number}"),
            };
        }
        let by = column.map_or_else(String::new, |column| format!("{column} {turn}, "));
        let limit = values.int(i64::from(limit));
        let sql = format!("SELECT a.* FROM audit_log a WHERE {condition} ORDER BY {by}a.number {turn} LIMIT {limit}");
        let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read the audit log")?;
        rows.iter().map(crate::audit::read).collect()
    }

    /// What the newest `limit` entries of the audit log have in a column, with how many of them have it, the most
    /// frequent first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_values(&self, column: AuditColumn, limit: u32) -> Result<Vec<(String, u64)>> {
        let (mut values, column) = (Values::default(), column.name());
        let limit = values.int(i64::from(limit));
        let sql = format!(
            "SELECT newest.{column} AS value, COUNT(*) AS n FROM (SELECT {column} FROM audit_log ORDER BY number DESC LIMIT {limit}) newest
             GROUP BY newest.{column} ORDER BY n DESC, value"
        );
        let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read values of the audit log")?;
        rows.iter().map(|row| Ok((row.text("value")?, row.unsigned("n")?))).collect()
    }

    /// How many entries of the audit log satisfy a query, when SQL can tell; otherwise they have to be read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_audit(&self, query: &Checked) -> Result<Option<u64>> {
        let mut values = Values::default();
        let narrowed = narrow(query, narrow::audit);
        if !narrowed.is_exact() {
            return Ok(None);
        }
        let sql = format!("SELECT COUNT(*) AS n FROM audit_log a WHERE {}", narrowed.into_sql(&mut values));
        let row = values.bind(sql).fetch_one(self.read()).await.attempt("count entries of the audit log")?;
        row.unsigned("n").map(Some)
    }
}
