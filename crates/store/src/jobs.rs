//! Jobs.

use crate::audit::append;
use crate::engine::Tx;
use crate::error::Attempt;
use crate::row::{Get, json, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_deploy::job::{Job, JobStatus};
use fettle_model::ids::{AssetId, JobId};
use jiff::Timestamp;
use sqlx::any::AnyRow;

impl Store {
    /// Every job that is not deleted, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs(&self) -> Result<Vec<Job>> {
        let rows = sqlx::query("SELECT record FROM jobs WHERE deleted_at IS NULL ORDER BY id DESC").fetch_all(self.read()).await;
        rows.attempt("read jobs")?.iter().map(read).collect()
    }

    /// Jobs that are enabled, whose runs the scheduler is to start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enabled_jobs(&self) -> Result<Vec<Job>> {
        let rows = sqlx::query("SELECT record FROM jobs WHERE status = $1 AND deleted_at IS NULL ORDER BY id")
            .bind(JobStatus::Enabled.as_str())
            .fetch_all(self.read())
            .await;
        rows.attempt("read jobs")?.iter().map(read).collect()
    }

    /// One job, unless it is deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>> {
        let row = sqlx::query("SELECT record FROM jobs WHERE id = $1 AND deleted_at IS NULL")
            .bind(id.to_string())
            .fetch_optional(self.read())
            .await;
        row.attempt("read a job")?.as_ref().map(read).transpose()
    }

    /// Adds a job.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_job(&self, job: &Job, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO jobs (id, status, record, updated_at) VALUES ($1, $2, $3, $4)")
            .bind(job.id.to_string())
            .bind(job.status.as_str())
            .bind(json("job", job)?)
            .bind(micros(job.updated_at))
            .execute(tx.conn())
            .await
            .attempt("add a job")?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Changes a job that was read with `read_at` as its `updated_at`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Outdated`] when somebody changed it since.
    pub async fn update_job(&self, job: &Job, read_at: Timestamp, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        let stored = lock_job(&mut tx, job.id).await?.ok_or(NOT_FOUND)?;
        if micros(stored.updated_at) != micros(read_at) {
            return Err(StoreError::Outdated { what: "job" });
        }
        write_job(&mut tx, job).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Deletes a job: what has not started is cancelled, on agents too; results stay. Gives the assets whose work
    /// changed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_job(&self, id: JobId, now: Timestamp, audit: &AuditEntry) -> Result<Vec<AssetId>> {
        let mut tx = self.begin().await?;
        lock_job(&mut tx, id).await?.ok_or(NOT_FOUND)?;
        sqlx::query("UPDATE jobs SET deleted_at = $1 WHERE id = $2")
            .bind(micros(now))
            .bind(id.to_string())
            .execute(tx.conn())
            .await
            .attempt("delete a job")?;
        let cancelled = crate::runs::cancel_where(&mut tx, crate::runs::Which::Job(id), now).await?;
        append(&mut tx, audit).await?;
        tx.commit().await?;
        Ok(cancelled.assets)
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "job" };

pub(crate) fn read(row: &AnyRow) -> Result<Job> {
    row.json("record")
}

pub(crate) async fn lock_job(tx: &mut Tx, id: JobId) -> Result<Option<Job>> {
    let sql = format!("SELECT record FROM jobs WHERE id = $1 AND deleted_at IS NULL{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string()).fetch_optional(tx.conn()).await;
    row.attempt("read a job")?.as_ref().map(read).transpose()
}

pub(crate) async fn write_job(tx: &mut Tx, job: &Job) -> Result<()> {
    sqlx::query("UPDATE jobs SET status = $1, record = $2, updated_at = $3 WHERE id = $4")
        .bind(job.status.as_str())
        .bind(json("job", job)?)
        .bind(micros(job.updated_at))
        .bind(job.id.to_string())
        .execute(tx.conn())
        .await
        .attempt("change a job")?;
    Ok(())
}
