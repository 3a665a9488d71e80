//! Results as the API shows them.

use crate::api::assets::row::{AssetRef, PatchRef};
use crate::api::words;
use fettle_deploy::reason::FailureReason;
use fettle_deploy::run::{PatchRun, PatchRunStatus};
use fettle_model::ids::{JobId, RunId};
use fettle_store::PartOfRun;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of one patch on one asset in a run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultRow {
    /// The job; its name is that of the time when the run started.
    pub job: JobRef,
    /// The run.
    #[schema(value_type = Uuid)]
    pub run: RunId,
    /// The asset; its name is that of the time when the run started.
    pub asset: AssetRef,
    /// The patch.
    pub patch: PatchRef,
    /// What became of it.
    #[schema(value_type = words::PatchRunStatus)]
    pub status: PatchRunStatus,
    /// Why it failed.
    #[schema(required)]
    pub failure: Option<ResultFailure>,
    /// When the server heard that the asset is at work on its part; `null` while it is not.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// When the asset's part ended; `null` while it has not.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
}

/// A job, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRef {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: JobId,
    /// Name.
    pub name: String,
}

/// Why a patch failed on an asset. The run's own page has the installer's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultFailure {
    /// Why, out of a closed list.
    #[schema(value_type = words::FailureReason)]
    pub reason: FailureReason,
    /// What happened, as a sentence.
    pub sentence: String,
    /// The installer's own exit code.
    #[schema(required)]
    pub exit_code: Option<i32>,
}

/// One row.
pub(super) fn row(part: &PartOfRun, patch: &PatchRun) -> ResultRow {
    ResultRow {
        job: JobRef { id: part.run.job, name: part.run.job_name.clone() },
        run: part.run.id,
        asset: AssetRef { id: part.asset, name: part.name.clone() },
        patch: PatchRef { id: patch.patch.clone(), title: patch.title.clone() },
        status: patch.status,
        failure: patch.failure.as_ref().map(|failure| ResultFailure {
            reason: failure.reason,
            sentence: failure.reason.sentence().to_owned(),
            exit_code: failure.exit_code,
        }),
        started_at: part.began_at,
        ended_at: part.ended_at,
    }
}
