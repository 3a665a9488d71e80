//! Runs as the API shows them.

use crate::api::assets::row::AssetRef;
use crate::api::words;
use fettle_deploy::reason::FailureReason;
use fettle_deploy::run::{AssetRunStatus, PatchRunStatus};
use fettle_model::ids::{JobId, PatchId, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One execution of a job, counted over the assets the caller sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: RunId,
    /// The job.
    #[schema(value_type = Uuid)]
    pub job: JobId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `null` while it goes on.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// Assets that take part.
    pub assets: u64,
    /// Assets that were chosen and left out when it was planned.
    pub left_out: u64,
    /// Assets by status; statuses without assets are not listed.
    pub asset_status: Vec<AssetStatusCount>,
    /// Patches on assets by status; statuses without any are not listed.
    pub patch_status: Vec<PatchStatusCount>,
}

/// How many assets have a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssetStatusCount {
    /// The status.
    #[schema(value_type = words::AssetRunStatus)]
    pub status: AssetRunStatus,
    /// Assets.
    pub count: u64,
}

/// How many patches on assets have a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatchStatusCount {
    /// The status.
    #[schema(value_type = words::PatchRunStatus)]
    pub status: PatchRunStatus,
    /// Patches on assets.
    pub count: u64,
}

/// One asset of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunAssetRow {
    /// The asset.
    pub asset: AssetRef,
    /// Where it is; `null` when it was left out.
    #[schema(value_type = Option<words::AssetRunStatus>, required)]
    pub status: Option<AssetRunStatus>,
    /// Why it was left out; `null` when it takes part.
    #[schema(required)]
    pub left_out: Option<LeftOutReason>,
    /// Its patches by status.
    pub patch_status: Vec<PatchStatusCount>,
    /// Why the asset as a whole failed.
    #[schema(required)]
    pub failure: Option<FailureBody>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why an asset was left out of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOutReason {
    /// Stable word for programs.
    pub reason: String,
    /// Why, as a sentence.
    pub sentence: String,
}

/// One asset of a run with its patches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunAssetDetail {
    /// What lists show.
    #[serde(flatten)]
    pub row: RunAssetRow,
    /// Its patches, in the order they are carried out.
    pub patches: Vec<RunPatch>,
}

/// One patch on one asset of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunPatch {
    /// The patch.
    #[schema(value_type = String)]
    pub id: PatchId,
    /// Its title.
    pub title: String,
    /// Where it is.
    #[schema(value_type = words::PatchRunStatus)]
    pub status: PatchRunStatus,
    /// Why it failed.
    #[schema(required)]
    pub failure: Option<FailureBody>,
    /// What changed on the machine.
    pub changes: Vec<ChangeBody>,
}

/// A failure, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureBody {
    /// Why, out of a closed list.
    #[schema(value_type = words::FailureReason)]
    pub reason: FailureReason,
    /// What happened, as a sentence.
    pub sentence: String,
    /// What to do about it.
    pub advice: String,
    /// The installer's own exit code.
    #[schema(required)]
    pub exit_code: Option<i32>,
    /// The end of the installer's log; may be empty.
    pub log: String,
}

/// A package's version before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeBody {
    /// Package name.
    pub name: String,
    /// Architecture.
    pub architecture: String,
    /// Version before.
    pub from: String,
    /// Version after.
    pub to: String,
}
