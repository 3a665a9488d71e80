//! Jobs as the API takes and shows them.

use crate::api::assets::row::{AssetRef, PatchRef};
use crate::api::runs::run::RunBody;
use crate::api::words;
use fettle_deploy::job::{JobKind, JobStatus};
use fettle_model::access::Action;
use fettle_model::ids::{AssetId, JobId, PatchId, TagId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A job. The parts that only its people may see are `null` in lists for everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRow {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: JobId,
    /// Name.
    pub name: String,
    /// Install or uninstall.
    #[schema(value_type = words::JobKind)]
    pub kind: JobKind,
    /// Where it is in its life.
    #[schema(value_type = words::JobStatus)]
    pub status: JobStatus,
    /// When it runs; `null` until chosen.
    #[schema(required)]
    pub schedule: Option<ScheduleBody>,
    /// Whom it belongs to.
    #[schema(required)]
    pub owner: Option<UserRef>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its definition was last changed.
    pub updated_at: Timestamp,
    /// What the caller may do with it, out of `job.view`, `job.edit`, `job.enable`, `job.delete`, `job.change_owner`.
    #[schema(value_type = Vec<words::Permission>)]
    pub permissions: Vec<Action>,
    /// How many patches it lists; `null` for who may not open it.
    #[schema(required)]
    pub patch_count: Option<u32>,
    /// Its newest run; `null` when there is none, or for who may not open it.
    #[schema(required)]
    pub last_run: Option<RunBody>,
}

/// A job with its definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobBody {
    /// What lists show.
    #[serde(flatten)]
    pub row: JobRow,
    /// Longer text.
    pub description: String,
    /// Patches, in the order they are installed.
    pub patches: Vec<PatchRef>,
    /// Which assets. Assets the caller does not see are left out.
    pub assets: SelectionBody,
    /// Names of the assets in `assets`.
    pub named_assets: Vec<AssetRef>,
    /// How.
    pub options: OptionsBody,
    /// Who else may edit and operate it.
    pub co_authors: Vec<UserRef>,
    /// What is missing or wrong before it can be enabled.
    pub flaws: Vec<crate::api::problem::FieldError>,
}

/// A user, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserRef {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: UserId,
    /// Name.
    pub name: String,
}

/// When a job runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScheduleBody {
    /// As soon as it is enabled.
    OnDemand {},
    /// At one moment; enabling it later than that runs it at once.
    Once {
        /// The moment.
        at: Timestamp,
    },
}

/// Which assets a job is for: tagged, minus excluded tags, plus named, minus excluded by name. Resolved
/// when the job runs, in the scope of its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SelectionBody {
    /// Assets that carry these tags.
    #[schema(value_type = Vec<Uuid>, required)]
    pub include_tags: BTreeSet<TagId>,
    /// Any or all of `include_tags`.
    #[schema(required)]
    pub include_match: TagMatchBody,
    /// Minus assets that carry these tags.
    #[schema(value_type = Vec<Uuid>, required)]
    pub exclude_tags: BTreeSet<TagId>,
    /// Any or all of `exclude_tags`.
    #[schema(required)]
    pub exclude_match: TagMatchBody,
    /// Plus these assets.
    #[schema(value_type = Vec<Uuid>, max_items = 50, required)]
    pub include_assets: BTreeSet<AssetId>,
    /// Minus these assets.
    #[schema(value_type = Vec<Uuid>, max_items = 50, required)]
    pub exclude_assets: BTreeSet<AssetId>,
}

/// How several tags combine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TagMatchBody {
    /// One of them is enough.
    #[default]
    Any,
    /// All of them.
    All,
}

/// How a job goes about its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OptionsBody {
    /// Go on with the next patch after a failed one.
    #[schema(required)]
    pub continue_on_failure: bool,
    /// Minutes from the start within which an asset must have begun; `null`: no window.
    #[schema(minimum = 1, maximum = 10080, required)]
    pub window_minutes: Option<u32>,
}

impl Default for OptionsBody {
    fn default() -> Self {
        Self { continue_on_failure: true, window_minutes: None }
    }
}

/// A new job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateJob {
    /// Name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Longer text.
    #[serde(default)]
    pub description: String,
    /// Install or uninstall.
    #[schema(value_type = words::JobKind)]
    pub kind: JobKind,
    /// Patches, in the order they are to be installed.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 2000)]
    pub patches: Vec<PatchId>,
    /// Which assets.
    #[serde(default)]
    pub assets: SelectionBody,
    /// When.
    #[serde(default)]
    pub schedule: Option<ScheduleBody>,
    /// How.
    #[serde(default)]
    pub options: OptionsBody,
    /// Who else may edit and operate it.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 50)]
    pub co_authors: Vec<UserId>,
    /// Enable it at once.
    #[serde(default)]
    pub enable: bool,
}

/// Changes to a job. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeJob {
    /// Name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Longer text.
    pub description: Option<String>,
    /// Install or uninstall.
    #[schema(value_type = Option<words::JobKind>)]
    pub kind: Option<JobKind>,
    /// Patches, in the order they are to be installed.
    #[schema(value_type = Option<Vec<String>>, max_items = 2000)]
    pub patches: Option<Vec<PatchId>>,
    /// Which assets.
    pub assets: Option<SelectionBody>,
    /// When; `null` takes the schedule away.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ScheduleBody>)]
    pub schedule: Option<Option<ScheduleBody>>,
    /// How.
    pub options: Option<OptionsBody>,
    /// Who else may edit and operate it.
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 50)]
    pub co_authors: Option<Vec<UserId>>,
    /// Give it to somebody else.
    #[schema(value_type = Option<Uuid>)]
    pub owner: Option<UserId>,
}

/// Tells a field that is `null` from one that is left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What a job would do if it ran now. Assets the caller does not see are left out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Assets that would be patched.
    pub assets: Vec<PreviewAsset>,
    /// Assets that were chosen and would not be.
    pub left_out: Vec<LeftOut>,
    /// Why the whole job could not run, if so.
    pub flaws: Vec<crate::api::problem::FieldError>,
}

/// One asset of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviewAsset {
    /// The asset.
    pub asset: AssetRef,
    /// What would happen to each patch on it.
    pub patches: Vec<PreviewPatch>,
}

/// One patch on one asset of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviewPatch {
    /// The patch.
    #[schema(value_type = String)]
    pub id: PatchId,
    /// Its title.
    pub title: String,
    /// `pending` is carried out; everything else is not.
    #[schema(value_type = words::PatchRunStatus)]
    pub status: fettle_deploy::run::PatchRunStatus,
    /// Packages and the versions they would have afterwards.
    pub packages: Vec<crate::api::patches::row::FixedPackage>,
    /// Packages of it that are held on the asset and stay as they are.
    pub held: Vec<String>,
}

/// An asset that was chosen and is not patched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// The asset.
    pub asset: AssetRef,
    /// Stable word for programs.
    pub reason: String,
    /// Why, as a sentence.
    pub sentence: String,
}
