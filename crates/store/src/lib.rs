//! The store: everything that must survive a restart, on SQLite or PostgreSQL, and the only place with SQL.
//!
//! [`Store::open`] brings the schema up to date and refuses one that is newer than this build. Every method
//! that changes something is one transaction; it has happened completely when it returns `Ok`, and not at all
//! when it returns an error or its future is dropped. What agents send (scans, reports) is written in groups:
//! many callers share one transaction, and each is answered after the commit.
//!
//! To add an area, add a table in `migrations/`, a module with its records and `impl Store`, and its tests to
//! the contract suite in `tests/`, which runs on both databases. SQL is written once: `$1` placeholders, `BIGINT`
//! (microseconds for times, 0 and 1 for flags), `TEXT` (ids, words, JSON) and blobs; what differs is in `engine`.

mod activation_keys;
mod assets;
mod audit;
mod bundles;
mod custom_patches;
mod decided;
mod engine;
mod enrolment;
mod error;
mod feed_syncs;
mod feeds;
mod group;
mod idempotency;
mod inspect;
mod jobs;
mod lists;
mod marks;
mod meta;
mod migrate;
mod mirrors;
mod narrow;
mod patches;
mod records;
mod row;
mod runs;
mod scans;
mod searches;
mod sessions;
mod tags;
mod tokens;
mod users;
mod vulnerabilities;

pub use activation_keys::{ActivationKeyChange, ActivationKeyRecord};
pub use assets::{AssetRecord, CheckInNote, Facts, Numbers, ScanRecord};
pub use audit::{AuditEntry, AuditRow, AuditVerdict};
pub use bundles::{
    BundleFeed, BundleImport, BundlePiece, BundleReport, CatalogReader, CatalogSource, ExportName, ExportRecord, FeedReport, KEPT_EXPORTS,
    MAX_SOURCES, SourceImport,
};
pub use custom_patches::MAX_CUSTOM_PATCHES;
pub use decided::Decided;
pub use engine::Engine;
pub use enrolment::{CertificateRecord, CertificateState, EnrolOutcome, Enrolment, KeyRefusal, NewCertificate};
pub use error::{IssueError, Result, StoreError};
pub use feed_syncs::{FeedSync, MAX_FEED_SYNCS, MAX_NAMED_PATCHES, SyncOutcome, SyncedPatches};
pub use feeds::{FeedChange, FeedRecord, FeedState};
pub use idempotency::{Begun, StoredAnswer};
pub use inspect::Schema;
pub use lists::{AuditColumn, AuditOrder, AuditPlace, Jobs, PartOfRun, ResultPlace, ResultReader, RunHead, RunOrder};
pub use marks::{AssetMark, KeptFindings};
pub use mirrors::{MAX_MIRRORS, MirrorRecord};
pub use patches::{CatalogSnapshot, ImportNote, ImportReport, StoredPatch};
pub use records::{Answers, AuditRecord, JobParts, JobRecord, ResultRecord};
pub use runs::{
    CancelOutcome, NewRun, OpenRun, RefusedReport, ReportsOutcome, RunAssetFilter, RunAssetRecord, RunCounts, RunRecord, StartOutcome,
    WorkList,
};
pub use scans::{Assessed, Outdated, Reassessed, ScanFailure, ScanOutcome, UnchangedScan, Upload, Verdict};
pub use searches::{MAX_RECENT, MAX_SAVED, RecentSearch, SavedSearch, SearchText};
pub use sessions::SessionRecord;
pub use tokens::TokenRecord;
pub use users::UserRecord;
pub use vulnerabilities::FactsReport;

use std::sync::Arc;

/// The store. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: engine::Database,
    group: group::Group,
    installation: uuid::Uuid,
}
