//! The audit log by query.

use crate::engine::Values;
use crate::error::Attempt;
use crate::narrow::{self, narrow};
use crate::row::Get;
use crate::{AuditRow, Result, Store};
use fettle_query::Checked;

impl Store {
    /// Entries of the audit log that may satisfy a query, newest first, older than position `before`. The caller
    /// interprets each. At most `limit`; fewer mean that the log has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_that_may(&self, query: &Checked, before: Option<u64>, limit: u32) -> Result<Vec<AuditRow>> {
        let mut values = Values::default();
        let mut condition = narrow(query, narrow::audit).into_sql(&mut values);
        if let Some(before) = before {
            let before = values.int(i64::try_from(before).unwrap_or(i64::MAX));
            condition = format!("{condition} AND a.number < {before}");
        }
        let limit = values.int(i64::from(limit));
        let sql = format!("SELECT a.* FROM audit_log a WHERE {condition} ORDER BY a.number DESC LIMIT {limit}");
        let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read the audit log")?;
        rows.iter().map(crate::audit::read).collect()
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
