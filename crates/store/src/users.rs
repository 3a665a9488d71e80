//! People who can log in.

use crate::audit::append;
use crate::engine::{Lock, Tx, Values};
use crate::error::Attempt;
use crate::row::{Get, json, micros};
use crate::{AuditEntry, Result, Store, StoreError};
use fettle_model::access::{Role, Scope};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::UserId;
use jiff::Timestamp;
use sqlx::any::AnyRow;

/// A person who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Id.
    pub id: UserId,
    /// Log-in name; unique whatever its case.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they see: the tags they were given, without children added.
    pub scope: Scope,
    /// Argon2id hash as PHC text; empty for one who cannot log in and acts through tokens alone.
    pub password_hash: String,
    /// Cannot log in; their jobs do not run.
    pub disabled: bool,
    /// When they were added.
    pub created_at: Timestamp,
}

/// Super users who can log in; those that act through tokens alone do not count.
const ADMINISTRATORS: &str = "SELECT COUNT(*) AS n FROM users WHERE role = 'super_user' AND password_hash <> ''";

impl Store {
    /// Whether there is anybody yet who can log in and administer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_administrator(&self) -> Result<bool> {
        let row = sqlx::query(ADMINISTRATORS).fetch_one(self.read()).await.attempt("count administrators")?;
        Ok(row.int("n")? > 0)
    }

    /// Adds the first administrator.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `already-set-up` when there is one already, also when two try at once.
    pub async fn create_first_user(&self, user: &UserRecord, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Users, "").await?;
        let row = sqlx::query(ADMINISTRATORS).fetch_one(tx.conn()).await.attempt("count administrators")?;
        if row.int("n")? > 0 {
            return Err(StoreError::conflict("already-set-up", "This installation already has an administrator; log in instead."));
        }
        insert(&mut tx, user).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `name-taken`.
    pub async fn create_user(&self, user: &UserRecord, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Users, "").await?;
        name_is_free(&mut tx, user).await?;
        insert(&mut tx, user).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Changes a person (everything but id and creation time). Disabling one ends their sessions.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `name-taken`, or `last-super-user` when nobody would
    /// be left who may administer.
    pub async fn update_user(&self, user: &UserRecord, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Users, "").await?;
        name_is_free(&mut tx, user).await?;
        let done = sqlx::query(
            "UPDATE users SET name = $1, name_key = $2, role = $3, scope = $4, password_hash = $5, disabled = $6 WHERE id = $7",
        )
        .bind(&user.name)
        .bind(key(&user.name))
        .bind(user.role.as_str())
        .bind(json("scope", &user.scope)?)
        .bind(&user.password_hash)
        .bind(i64::from(user.disabled))
        .bind(user.id.to_string())
        .execute(tx.conn())
        .await
        .attempt("change a user")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        if user.disabled {
            end_sessions(&mut tx, user.id, None).await?;
        }
        somebody_administers(&mut tx).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Sets a password and ends all sessions of the person but `keep` (the token's hash).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_password(&self, id: UserId, password_hash: &str, keep: Option<Sha256Digest>, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
            .bind(password_hash)
            .bind(id.to_string())
            .execute(tx.conn())
            .await
            .attempt("set a password")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        end_sessions(&mut tx, id, keep).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Removes a person with their sessions and tokens. Their jobs stay and do not run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] `last-super-user`.
    pub async fn delete_user(&self, id: UserId, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Users, "").await?;
        let done = sqlx::query("DELETE FROM users WHERE id = $1").bind(id.to_string()).execute(tx.conn()).await.attempt("remove a user")?;
        if done.rows_affected() == 0 {
            return Err(NOT_FOUND);
        }
        somebody_administers(&mut tx).await?;
        append(&mut tx, audit).await?;
        tx.commit().await
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<UserRecord>> {
        let rows = sqlx::query("SELECT * FROM users ORDER BY name_key").fetch_all(self.read()).await.attempt("read users")?;
        rows.iter().map(read).collect()
    }

    /// One person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<UserRecord>> {
        let row = sqlx::query("SELECT * FROM users WHERE id = $1").bind(id.to_string()).fetch_optional(self.read()).await;
        row.attempt("read a user")?.as_ref().map(read).transpose()
    }

    /// One person by log-in name, whatever its case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserRecord>> {
        let row = sqlx::query("SELECT * FROM users WHERE name_key = $1").bind(key(name)).fetch_optional(self.read()).await;
        row.attempt("read a user")?.as_ref().map(read).transpose()
    }
}

const NOT_FOUND: StoreError = StoreError::NotFound { what: "user" };

/// What makes two log-in names the same.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

pub(crate) fn read(row: &AnyRow) -> Result<UserRecord> {
    Ok(UserRecord {
        id: row.parsed("id")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        scope: row.json("scope")?,
        password_hash: row.text("password_hash")?,
        disabled: row.flag("disabled")?,
        created_at: row.time("created_at")?,
    })
}

async fn insert(tx: &mut Tx, user: &UserRecord) -> Result<()> {
    let mut values = Values::default();
    let places = [
        values.text(user.id.to_string()),
        values.text(&user.name),
        values.text(key(&user.name)),
        values.text(user.role.as_str()),
        values.text(json("scope", &user.scope)?),
        values.text(&user.password_hash),
        values.int(i64::from(user.disabled)),
        values.int(micros(user.created_at)),
    ]
    .join(", ");
    let sql = format!("INSERT INTO users (id, name, name_key, role, scope, password_hash, disabled, created_at) VALUES ({places})");
    tx.run("add a user", sql, values).await?;
    Ok(())
}

async fn name_is_free(tx: &mut Tx, user: &UserRecord) -> Result<()> {
    let taken = sqlx::query("SELECT id FROM users WHERE name_key = $1 AND id <> $2")
        .bind(key(&user.name))
        .bind(user.id.to_string())
        .fetch_optional(tx.conn())
        .await
        .attempt("look for a user of the same name")?;
    match taken {
        Some(_) => Err(StoreError::conflict("name-taken", format!("There is already a user named {:?}; choose another name.", user.name))),
        None => Ok(()),
    }
}

async fn somebody_administers(tx: &mut Tx) -> Result<()> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM users WHERE role = $1 AND disabled = 0")
        .bind(Role::SuperUser.as_str())
        .fetch_one(tx.conn())
        .await
        .attempt("count super users")?;
    if row.int("n")? > 0 {
        return Ok(());
    }
    let why = "This is the last super user who can log in; give another user that role first.";
    Err(StoreError::conflict("last-super-user", why))
}

async fn end_sessions(tx: &mut Tx, user: UserId, keep: Option<Sha256Digest>) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2")
        .bind(user.to_string())
        .bind(keep.map_or_else(Vec::new, |hash| hash.0.to_vec()))
        .execute(tx.conn())
        .await
        .attempt("end sessions")?;
    Ok(())
}
