//! Patches that administrators uploaded. What they say of one and its record in the catalog are written together.

use crate::audit::append;
use crate::engine::{Lock, Tx};
use crate::error::Attempt;
use crate::row::{Get, json, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_deploy::job::{Job, JobStatus};
use fettle_model::custom::CustomPatch;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{CustomPatchId, FeedId, PatchId};
use sqlx::any::AnyRow;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The feed that custom patches belong to. No row of the feeds' table has this id: there is nothing to synchronise.
const FEED: FeedId = FeedId(Uuid::from_u128(0xC0));
/// Most custom patches. Each is a file on the server's disk and a record in its memory.
pub const MAX_CUSTOM_PATCHES: i64 = 10_000;

impl Store {
    /// Every custom patch, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn custom_patches(&self) -> Result<Vec<CustomPatch>> {
        let rows = sqlx::query("SELECT record FROM custom_patches ORDER BY id").fetch_all(self.read()).await;
        rows.attempt("read custom patches")?.iter().map(read).collect()
    }

    /// One custom patch.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn custom_patch(&self, id: CustomPatchId) -> Result<Option<CustomPatch>> {
        let row = sqlx::query("SELECT record FROM custom_patches WHERE id = $1").bind(id.to_string()).fetch_optional(self.read()).await;
        row.attempt("read a custom patch")?.as_ref().map(read).transpose()
    }

    /// Digests of all files that custom patches have.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn custom_contents(&self) -> Result<BTreeSet<Sha256Digest>> {
        let rows = sqlx::query("SELECT DISTINCT sha256 FROM custom_patches").fetch_all(self.read()).await;
        let rows = rows.attempt("read the files of custom patches")?;
        rows.iter().map(|row| crate::row::digest("digest of a file", &row.blob("sha256")?)).collect()
    }

    /// Adds a custom patch and its record in the catalog. Gives the catalog's new generation.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `too-many-custom-patches`.
    pub async fn create_custom_patch(&self, patch: &CustomPatch, audit: &AuditEntry) -> Result<u64> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let there = sqlx::query("SELECT COUNT(*) AS n FROM custom_patches").fetch_one(tx.conn()).await.attempt("count custom patches")?;
        if there.int("n")? >= MAX_CUSTOM_PATCHES {
            let why = format!("There are {MAX_CUSTOM_PATCHES} custom patches already, which is the most; delete those that nobody needs.");
            return Err(StoreError::conflict("too-many-custom-patches", why));
        }
        sqlx::query("INSERT INTO custom_patches (id, patch_id, sha256, record, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(patch.id.to_string())
            .bind(patch.patch_id().0)
            .bind(patch.file.sha256.0.to_vec())
            .bind(json("custom patch", patch)?)
            .bind(micros(patch.created_at))
            .bind(micros(patch.changed_at))
            .execute(tx.conn())
            .await
            .attempt("add a custom patch")?;
        crate::patches::put(&mut tx, FEED, &patch.patch()).await?;
        done(tx, audit).await
    }

    /// Writes a custom patch and its record in the catalog anew. Gives the catalog's new generation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn update_custom_patch(&self, patch: &CustomPatch, audit: &AuditEntry) -> Result<u64> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let changed = sqlx::query("UPDATE custom_patches SET record = $1, changed_at = $2 WHERE id = $3")
            .bind(json("custom patch", patch)?)
            .bind(micros(patch.changed_at))
            .bind(patch.id.to_string())
            .execute(tx.conn())
            .await
            .attempt("change a custom patch")?;
        if changed.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        crate::patches::put(&mut tx, FEED, &patch.patch()).await?;
        done(tx, audit).await
    }

    /// Removes a custom patch and withdraws its record from the catalog. Gives the catalog's new generation, and the digest
    /// of its file when no other custom patch has the same.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `custom-patch-in-use` while a job names it that has not completed,
    /// or an asset has it before it.
    pub async fn delete_custom_patch(&self, id: CustomPatchId, audit: &AuditEntry) -> Result<(u64, Option<Sha256Digest>)> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Catalog, "").await?;
        let row = sqlx::query("SELECT record FROM custom_patches WHERE id = $1").bind(id.to_string()).fetch_optional(tx.conn()).await;
        let patch = row.attempt("read a custom patch")?.as_ref().map(read).transpose()?.ok_or(NOT_FOUND)?;
        nobody_uses(&mut tx, &patch.patch_id()).await?;
        sqlx::query("DELETE FROM custom_patches WHERE id = $1")
            .bind(id.to_string())
            .execute(tx.conn())
            .await
            .attempt("remove a custom patch")?;
        let others = sqlx::query("SELECT COUNT(*) AS n FROM custom_patches WHERE sha256 = $1")
            .bind(patch.file.sha256.0.to_vec())
            .fetch_one(tx.conn())
            .await
            .attempt("look for others of the same file")?;
        let unused = (others.int("n")? == 0).then_some(patch.file.sha256);
        crate::patches::withdraw(&mut tx, &[patch.patch_id()]).await?;
        Ok((done(tx, audit).await?, unused))
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "custom patch" };

fn read(row: &AnyRow) -> Result<CustomPatch> {
    row.json("record")
}

async fn done(mut tx: Tx, audit: &AuditEntry) -> Result<u64> {
    let generation = crate::patches::generation(&mut tx, true).await?;
    append(&mut tx, audit).await?;
    tx.commit().await?;
    Ok(generation)
}

/// Refuses while a job may still need the patch, or an asset is told to install it.
async fn nobody_uses(tx: &mut Tx, patch: &PatchId) -> Result<()> {
    let rows = sqlx::query("SELECT record FROM jobs WHERE deleted_at IS NULL AND status <> $1")
        .bind(JobStatus::Completed.as_str())
        .fetch_all(tx.conn())
        .await
        .attempt("read the jobs that may use a custom patch")?;
    let jobs: Vec<Job> = rows.iter().map(crate::jobs::read).collect::<Result<_>>()?;
    if let Some(job) = jobs.iter().find(|job| job.definition.patches.contains(patch)) {
        let why = format!(
            "The job {:?} has this patch; take it from the job or delete the job first, or disable the patch.",
            job.definition.name
        );
        return Err(StoreError::conflict("custom-patch-in-use", why));
    }
    // An open part of a run has its patches in its state; ids of custom patches hold no wildcards.
    let open = sqlx::query("SELECT COUNT(*) AS n FROM run_assets WHERE is_open = 1 AND state LIKE $1")
        .bind(format!("%\"{patch}\"%"))
        .fetch_one(tx.conn())
        .await
        .attempt("look for runs with a custom patch")?;
    if open.int("n")? > 0 {
        let why = "A run that has not ended has this patch; wait for it or cancel it first, or disable the patch.";
        return Err(StoreError::conflict("custom-patch-in-use", why));
    }
    Ok(())
}
