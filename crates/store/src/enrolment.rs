//! Enrolment and client certificates.

use crate::{AuditEntry, IssueError, Result, Store, StoreError};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, KeyId};
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
        let _ = (enrolment, issue);
        Err(StoreError::Closed)
    }

    /// The certificate with this fingerprint.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificate(&self, fingerprint: Sha256Digest) -> Result<Option<CertificateRecord>> {
        let _ = fingerprint;
        Err(StoreError::Closed)
    }

    /// Keeps a renewed certificate. The one before stays live until it ends by itself, because the answer that
    /// carries the new one may be lost.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the asset was removed.
    pub async fn renew_certificate(&self, asset: AssetId, certificate: &NewCertificate) -> Result<()> {
        let _ = (asset, certificate);
        Err(StoreError::Closed)
    }

    /// Removes an asset: its scan and findings go, its certificates are revoked, its open parts of runs are
    /// cancelled and stay as history.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remove_asset(&self, asset: AssetId, audit: &AuditEntry) -> Result<()> {
        let _ = (asset, audit);
        Err(StoreError::Closed)
    }
}
