//! Jobs by query.

use crate::engine::{CHUNK, Values};
use crate::error::Attempt;
use crate::narrow::{self, narrow};
use crate::{Result, RunRecord, Store};
use fettle_deploy::job::Job;
use fettle_model::ids::JobId;
use fettle_query::Checked;
use std::collections::HashMap;

impl Store {
    /// Jobs that may satisfy a query, newest first, older than `before`; those that are deleted are left out. The
    /// caller interprets each. At most `limit`; fewer mean that the list has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs_that_may(&self, query: &Checked, before: Option<JobId>, limit: u32) -> Result<Vec<Job>> {
        let mut values = Values::default();
        let mut condition = narrow(query, narrow::job).into_sql(&mut values);
        if let Some(before) = before {
            condition = format!("{condition} AND j.id < {}", values.text(before.to_string()));
        }
        let limit = values.int(i64::from(limit));
        let sql = format!("SELECT j.record FROM jobs j WHERE j.deleted_at IS NULL AND {condition} ORDER BY j.id DESC LIMIT {limit}");
        let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read jobs")?;
        rows.iter().map(crate::jobs::read).collect()
    }

    /// The jobs with these ids that are not deleted, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs_by_id(&self, ids: &[JobId]) -> Result<Vec<Job>> {
        let mut jobs = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut values = Values::default();
            let sql = format!("SELECT record FROM jobs WHERE deleted_at IS NULL AND id IN ({})", values.texts(chunk));
            let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read jobs")?;
            jobs.extend(rows.iter().map(crate::jobs::read).collect::<Result<Vec<_>>>()?);
        }
        Ok(jobs)
    }

    /// The last run of each of these jobs that has had one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_runs_of(&self, jobs: &[JobId]) -> Result<HashMap<JobId, RunRecord>> {
        let mut last = HashMap::with_capacity(jobs.len());
        for chunk in jobs.chunks(CHUNK) {
            let mut values = Values::default();
            let sql = format!(
                "SELECT * FROM runs WHERE id IN (SELECT MAX(id) FROM runs WHERE job_id IN ({}) GROUP BY job_id)",
                values.texts(chunk)
            );
            let rows = values.bind(sql).fetch_all(self.read()).await.attempt("read the last runs of jobs")?;
            last.extend(self.with_counts(&rows).await?.into_iter().map(|run| (run.job, run)));
        }
        Ok(last)
    }
}
