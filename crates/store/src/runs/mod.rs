//! Runs: what a job does to each asset.
//!
//! Rows are locked in one order everywhere: job, run, assets by id, parts of runs. A part is what one asset
//! has to do in one run; [`fettle_deploy::run::AssetRun`] decides what may become of it.

mod cancel;
mod close;
mod part;
mod query;
mod reports;
mod start;
mod verify;

pub use cancel::CancelOutcome;
pub(crate) use cancel::{Which, cancel_where, end_asset};
#[cfg(test)]
pub(crate) use part::COUNTS;
pub(crate) use part::lock_assets;
pub(crate) use query::part_state;
pub use query::{OpenRun, RunAssetFilter, RunAssetRecord, RunCounts, RunRecord};
pub(crate) use reports::apply as apply_reports;
pub use reports::{RefusedReport, ReportsOutcome, WorkList};
pub use start::{NewRun, StartOutcome};
pub(crate) use verify::{Proof, verify};
