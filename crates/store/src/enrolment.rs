//! Enrolment and client certificates.

use crate::activation_keys::read as read_key;
use crate::audit::append;
use crate::engine::{Lock, Tx, Values};
use crate::error::Attempt;
use crate::row::{Get, json, micros};
use crate::{ActivationKeyRecord, AuditEntry, IssueError, Result, Store, StoreError};
use fettle_model::asset::ScanStatus;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, KeyId, SubscriptionId};
use fettle_model::inventory::Volatile;
use jiff::Timestamp;

/// A machine that asks to become an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The id it gets when it is new.
    pub asset: AssetId,
    /// The activation key it carries.
    pub key: KeyId,
    /// SHA-256 of the key's secret.
    pub secret_hash: Sha256Digest,
    /// Stable id of the machine.
    pub machine_id: String,
    /// Its name.
    pub hostname: String,
    /// Version of its agent.
    pub agent_version: String,
    /// Its agent never changes it.
    pub assess_only: bool,
    /// From where it came.
    pub from: String,
    /// When.
    pub now: Timestamp,
}

/// A client certificate that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCertificate {
    /// SHA-256 of its DER form.
    pub fingerprint: Sha256Digest,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
}

/// A client certificate and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// The asset it was made for.
    pub asset: AssetId,
    /// The certificate.
    pub certificate: NewCertificate,
    /// Whether it still counts.
    pub state: CertificateState,
}

/// Whether a certificate still counts. Its validity in time is the caller's to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateState {
    /// It does.
    Live,
    /// Another one took its place, or the asset was removed.
    Revoked {
        /// Since when.
        at: Timestamp,
    },
}

/// How an enrolment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolOutcome {
    /// The machine is this asset now.
    Enrolled {
        /// The asset.
        asset: AssetId,
        /// The machine was this asset before.
        returning: bool,
    },
    /// It may not.
    Refused(KeyRefusal),
}

/// Why an activation key does not let a machine in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefusal {
    /// No such key, or a wrong secret.
    Unknown,
    /// Its time is over.
    Expired,
    /// As many machines as it allows have enrolled.
    UsedUp,
    /// It was switched off.
    Disabled,
}

impl Store {
    /// Makes a machine an asset, in one transaction: checks the key, finds the asset of the same machine or adds
    /// one, revokes its older certificates, calls `issue` for a new one, gives it the key's tags, and counts the use.
    ///
    /// # Errors
    /// [`StoreError::Issue`] when `issue` fails; nothing was changed then.
    pub async fn enrol<F>(&self, enrolment: &Enrolment, issue: F) -> Result<EnrolOutcome>
    where
        F: FnOnce(AssetId) -> Result<NewCertificate, IssueError> + Send,
    {
        let mut tx = self.begin().await?;
        tx.lock(Lock::Tags, "").await?;
        tx.lock(Lock::Machine, &enrolment.machine_id).await?;
        let sql = format!("SELECT * FROM activation_keys WHERE id = $1{}", tx.for_update());
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(enrolment.key.to_string()).fetch_optional(tx.conn()).await;
        let key = row.attempt("read an activation key")?.as_ref().map(read_key).transpose()?;
        let Some(key) = key.filter(|key| key.secret_hash == enrolment.secret_hash) else {
            return Ok(EnrolOutcome::Refused(KeyRefusal::Unknown));
        };
        let known = known_machine(&mut tx, &enrolment.machine_id).await?;
        let counted = known.is_some_and(|(_, with)| with == Some(key.id));
        if let Some(refusal) = refusal(&key, counted, enrolment.now) {
            return Ok(EnrolOutcome::Refused(refusal));
        }
        let asset = match known {
            Some((asset, _)) => come_back(&mut tx, asset, enrolment).await?,
            None => arrive(&mut tx, enrolment).await?,
        };
        if !counted {
            sqlx::query("UPDATE activation_keys SET uses = uses + 1 WHERE id = $1")
                .bind(key.id.to_string())
                .execute(tx.conn())
                .await
                .attempt("count the use of an activation key")?;
        }
        revoke_certificates(&mut tx, asset, enrolment.now).await?;
        let certificate = issue(asset).map_err(|source| StoreError::Issue { what: "certificate", source })?;
        keep_certificate(&mut tx, asset, &certificate).await?;
        let tags = crate::tags::given_by_hand(&mut tx, &key.tags).await?;
        crate::tags::give(&mut tx, asset, &tags).await?;
        append(&mut tx, &note(enrolment, asset, &key, known.is_some())).await?;
        tx.commit().await?;
        Ok(EnrolOutcome::Enrolled { asset, returning: known.is_some() })
    }

    /// The certificate with this fingerprint.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificate(&self, fingerprint: Sha256Digest) -> Result<Option<CertificateRecord>> {
        let row = sqlx::query("SELECT * FROM certificates WHERE fingerprint = $1")
            .bind(fingerprint.0.to_vec())
            .fetch_optional(self.read())
            .await
            .attempt("look for a certificate")?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(CertificateRecord {
            asset: row.parsed("asset_id")?,
            certificate: NewCertificate {
                fingerprint,
                serial: row.text("serial")?,
                not_before: row.time("not_before")?,
                not_after: row.time("not_after")?,
            },
            state: row.maybe_time("revoked_at")?.map_or(CertificateState::Live, |at| CertificateState::Revoked { at }),
        }))
    }

    /// Keeps a renewed certificate. The one before stays live until it ends by itself, because the answer that
    /// carries the new one may be lost.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the asset was removed.
    pub async fn renew_certificate(&self, asset: AssetId, certificate: &NewCertificate) -> Result<()> {
        let mut tx = self.begin().await?;
        lock_asset(&mut tx, asset).await?;
        keep_certificate(&mut tx, asset, certificate).await?;
        tx.commit().await
    }

    /// Removes an asset: its scan and findings go, its certificates are revoked, its open parts of runs are
    /// cancelled and stay as history.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remove_asset(&self, asset: AssetId, audit: &AuditEntry) -> Result<()> {
        let mut tx = self.begin().await?;
        crate::scans::lock(&mut tx, &[asset]).await?;
        lock_asset(&mut tx, asset).await?;
        revoke_certificates(&mut tx, asset, audit.at).await?;
        crate::runs::end_asset(&mut tx, asset, audit.at).await?;
        for sql in [
            "DELETE FROM scans WHERE asset_id = $1",
            "DELETE FROM asset_tags WHERE asset_id = $1",
            "DELETE FROM decided_tags WHERE asset_id = $1",
            "DELETE FROM run_events WHERE asset_id = $1",
            "DELETE FROM assets WHERE asset_id = $1",
        ] {
            sqlx::query(sql).bind(asset.to_string()).execute(tx.conn()).await.attempt("remove an asset")?;
        }
        append(&mut tx, audit).await?;
        tx.commit().await
    }
}

fn refusal(key: &ActivationKeyRecord, counted: bool, now: Timestamp) -> Option<KeyRefusal> {
    if key.disabled {
        Some(KeyRefusal::Disabled)
    } else if key.expires_at.is_some_and(|at| at <= now) {
        Some(KeyRefusal::Expired)
    } else if !counted && key.use_limit.is_some_and(|limit| key.uses >= limit) {
        Some(KeyRefusal::UsedUp)
    } else {
        None
    }
}

/// The asset this machine is, and the key it last enrolled with.
async fn known_machine(tx: &mut Tx, machine_id: &str) -> Result<Option<(AssetId, Option<KeyId>)>> {
    let sql = format!(
        "SELECT asset_id, enrolled_with FROM assets WHERE machine_id = $1 ORDER BY created_at DESC, asset_id DESC LIMIT 1{}",
        tx.for_update()
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(machine_id).fetch_optional(tx.conn()).await;
    let row = row.attempt("look for the machine")?;
    row.map(|row| Ok((row.parsed("asset_id")?, row.maybe_parsed("enrolled_with")?))).transpose()
}

async fn come_back(tx: &mut Tx, asset: AssetId, enrolment: &Enrolment) -> Result<AssetId> {
    sqlx::query(
        "UPDATE assets SET name = $1, agent_version = $2, assess_only = $3, enrolled_with = $4, last_check_in = $5 WHERE asset_id = $6",
    )
    .bind(&enrolment.hostname)
    .bind(&enrolment.agent_version)
    .bind(i64::from(enrolment.assess_only))
    .bind(enrolment.key.to_string())
    .bind(micros(enrolment.now))
    .bind(asset.to_string())
    .execute(tx.conn())
    .await
    .attempt("enrol a machine again")?;
    Ok(asset)
}

async fn arrive(tx: &mut Tx, enrolment: &Enrolment) -> Result<AssetId> {
    let mut values = Values::default();
    let places = [
        values.text(SubscriptionId::DEFAULT.to_string()),
        values.text(enrolment.asset.to_string()),
        values.text(&enrolment.machine_id),
        values.text(&enrolment.hostname),
        values.text(&enrolment.agent_version),
        values.int(i64::from(enrolment.assess_only)),
        values.int(micros(enrolment.now)),
        values.text(enrolment.key.to_string()),
        values.int(micros(enrolment.now)),
    ]
    .join(", ");
    let sql = format!(
        "INSERT INTO assets (subscription_id, asset_id, machine_id, name, agent_version, assess_only, created_at, enrolled_with,
                             last_check_in, work_number, scan_number, manifest_generation) VALUES ({places}, 0, 0, 0)"
    );
    tx.run("enrol a machine", sql, values).await?;
    sqlx::query("INSERT INTO scans (subscription_id, asset_id, status, volatile, generation) VALUES ($1, $2, $3, $4, 0)")
        .bind(SubscriptionId::DEFAULT.to_string())
        .bind(enrolment.asset.to_string())
        .bind(ScanStatus::NeverScanned.as_str())
        .bind(json("volatile", &Volatile::default())?)
        .execute(tx.conn())
        .await
        .attempt("make room for the scans of an asset")?;
    Ok(enrolment.asset)
}

async fn lock_asset(tx: &mut Tx, asset: AssetId) -> Result<()> {
    let sql = format!("SELECT asset_id FROM assets WHERE asset_id = $1{}", tx.for_update());
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(asset.to_string()).fetch_optional(tx.conn()).await;
    row.attempt("read an asset")?.map(|_| ()).ok_or(StoreError::NotFound { what: "asset" })
}

async fn revoke_certificates(tx: &mut Tx, asset: AssetId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE certificates SET revoked_at = $1 WHERE asset_id = $2 AND revoked_at IS NULL")
        .bind(micros(now))
        .bind(asset.to_string())
        .execute(tx.conn())
        .await
        .attempt("revoke certificates")?;
    Ok(())
}

async fn keep_certificate(tx: &mut Tx, asset: AssetId, certificate: &NewCertificate) -> Result<()> {
    sqlx::query(
        "INSERT INTO certificates (subscription_id, asset_id, fingerprint, serial, not_before, not_after) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(SubscriptionId::DEFAULT.to_string())
    .bind(asset.to_string())
    .bind(certificate.fingerprint.0.to_vec())
    .bind(&certificate.serial)
    .bind(micros(certificate.not_before))
    .bind(micros(certificate.not_after))
    .execute(tx.conn())
    .await
    .attempt("keep a certificate")?;
    Ok(())
}

fn note(enrolment: &Enrolment, asset: AssetId, key: &ActivationKeyRecord, returning: bool) -> AuditEntry {
    AuditEntry {
        at: enrolment.now,
        who: None,
        who_name: "fettle-agent".to_owned(),
        from: enrolment.from.clone(),
        action: if returning { "asset.enrol_again" } else { "asset.enrol" }.to_owned(),
        subject: format!("asset {asset}"),
        before: None,
        after: Some(serde_json::json!({ "name": enrolment.hostname, "activation_key": key.id, "assess_only": enrolment.assess_only })),
    }
}
