//! Jobs.

use crate::{AuditEntry, Result, Store, StoreError};
use fettle_deploy::job::Job;
use fettle_model::ids::{AssetId, JobId};
use jiff::Timestamp;

impl Store {
    /// Every job that is not deleted, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs(&self) -> Result<Vec<Job>> {
        Err(StoreError::Closed)
    }

    /// Jobs that are enabled, whose runs the scheduler is to start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enabled_jobs(&self) -> Result<Vec<Job>> {
        Err(StoreError::Closed)
    }

    /// One job, unless it is deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// Adds a job.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_job(&self, job: &Job, audit: &AuditEntry) -> Result<()> {
        let _ = (job, audit);
        Err(StoreError::Closed)
    }

    /// Changes a job that was read with `read_at` as its `updated_at`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Outdated`] when somebody changed it since.
    pub async fn update_job(&self, job: &Job, read_at: Timestamp, audit: &AuditEntry) -> Result<()> {
        let _ = (job, read_at, audit);
        Err(StoreError::Closed)
    }

    /// Deletes a job: what has not started is cancelled, on agents too; results stay. Gives the assets whose work
    /// changed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_job(&self, id: JobId, now: Timestamp, audit: &AuditEntry) -> Result<Vec<AssetId>> {
        let _ = (id, now, audit);
        Err(StoreError::Closed)
    }
}
