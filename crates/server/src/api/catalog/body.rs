//! Bundles and their sources as the API takes and shows them.

use crate::bundles::Outcome;
use fettle_model::ids::CatalogSourceId;
use fettle_store::{CatalogSource, FeedReport};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Days for which a bundle can be imported when nothing else is asked for: a season, so that a server that gets one every
/// month has some to spare, and a bundle that somebody held back for long is refused.
pub const DAYS: u16 = 90;

/// Who this server is to those that import its catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CatalogKeyBody {
    /// The key that signs its bundles, as `fettle catalog trust` takes it.
    pub key: String,
    /// Id of the installation.
    pub exporter: Uuid,
    /// Its public name.
    pub name: String,
}

/// What to export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportCatalog {
    /// Number of an earlier export: only what changed since. Everything when it is left out.
    #[serde(default)]
    pub since: Option<u64>,
    /// Days for which the bundle can be imported.
    #[serde(default = "days")]
    #[schema(minimum = 1, maximum = 3650, default = 90)]
    pub days: u16,
}

fn days() -> u16 {
    DAYS
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportBody {
    /// The name of the source whose bundle it is.
    pub source: String,
    /// Number of the bundle.
    pub sequence: u64,
    /// Number of the bundle whose changes it holds; `null` when it is full.
    #[schema(required)]
    pub base: Option<u64>,
    /// Whether it was imported; `false` when that had been done before and nothing is new.
    pub imported: bool,
    /// What it did to each feed.
    pub feeds: Vec<ImportedFeed>,
}

/// What an import did to one feed: numbers of patches, or of vulnerabilities where it speaks of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedFeed {
    /// Its name.
    pub name: String,
    /// Those that were not there before.
    pub added: u32,
    /// Those that are otherwise now.
    pub changed: u32,
    /// Those that are gone.
    pub withdrawn: u32,
    /// Those it has now.
    pub total: u32,
    /// The exporting server has it no more, and neither has this one.
    pub removed: bool,
}

/// A server whose bundles are believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CatalogSourceBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: CatalogSourceId,
    /// Name, unique.
    pub name: String,
    /// Its public key.
    pub key: String,
    /// When it was trusted.
    pub created_at: Timestamp,
    /// The bundle that was imported last.
    #[schema(required)]
    pub imported: Option<SourceImportBody>,
}

/// The bundle that was imported last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceImportBody {
    /// Its number, for a bundle of what changed since.
    pub sequence: u64,
    /// The exporting server's own name.
    pub exporter: String,
    /// When it was exported.
    pub exported_at: Timestamp,
    /// When it was imported.
    pub at: Timestamp,
}

/// Whom to trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustCatalogSource {
    /// Name, unique.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The exporting server's key.
    #[schema(max_length = 200)]
    pub key: String,
}

impl From<CatalogSource> for CatalogSourceBody {
    fn from(source: CatalogSource) -> Self {
        let imported = source.imported.map(|imported| SourceImportBody {
            sequence: imported.export.sequence,
            exporter: imported.exporter,
            exported_at: imported.exported_at,
            at: imported.at,
        });
        Self { id: source.id, name: source.name, key: source.key, created_at: source.created_at, imported }
    }
}

impl From<Outcome> for ImportBody {
    fn from(outcome: Outcome) -> Self {
        let Outcome { source, sequence, base, feeds } = outcome;
        let imported = feeds.is_some();
        Self { source, sequence, base, imported, feeds: feeds.unwrap_or_default().into_iter().map(ImportedFeed::from).collect() }
    }
}

impl From<FeedReport> for ImportedFeed {
    fn from(report: FeedReport) -> Self {
        let FeedReport { name, added, changed, withdrawn, total, removed } = report;
        Self { name, added, changed, withdrawn, total, removed }
    }
}
