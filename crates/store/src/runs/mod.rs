//! Runs: what a job does to each asset.

mod query;
mod reports;
mod start;
pub type AssetRun = serde_json::Value;

pub use query::{OpenRun, RunAssetFilter, RunAssetRecord, RunCounts, RunRecord};
pub use reports::{CancelOutcome, RefusedReport, ReportsOutcome, WorkList};
pub use start::{NewRun, NewRunAsset, StartOutcome};
