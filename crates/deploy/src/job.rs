//! Job definitions, and the life of a job.

pub use crate::lifecycle::{CannotChange, Flaw};

use fettle_model::ids::{AssetId, JobId, PatchId, TagId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

fettle_model::text_enum! {
    /// What a job does with its patches.
    pub enum JobKind {
        /// Installs them.
        Install = "install",
        /// Takes them back.
        Uninstall = "uninstall",
    }
}

fettle_model::text_enum! {
    /// Where a job is in its life.
    pub enum JobStatus {
        /// Patches, assets or schedule are missing: it cannot be enabled.
        PartiallyConfigured = "partially_configured",
        /// Complete and switched off.
        Disabled = "disabled",
        /// Switched on: it runs, or will when its time comes.
        Enabled = "enabled",
        /// Its only run has ended.
        Completed = "completed",
    }
}

/// When a job runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Schedule {
    /// As soon as it is enabled.
    OnDemand,
    /// At one moment; enabling it later than that runs it at once.
    Once {
        /// The moment.
        at: Timestamp,
    },
}

/// What a job is meant to do. A part may be empty until the job is to be enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Name for people, 1 to 200 characters.
    pub name: String,
    /// Longer text.
    #[serde(default)]
    pub description: String,
    /// Install or uninstall.
    pub kind: JobKind,
    /// Patches, in the order they are installed; at most [`MAX_PATCHES`].
    #[serde(default)]
    pub patches: Vec<PatchId>,
    /// Which assets.
    #[serde(default)]
    pub assets: AssetSelection,
    /// When; `None` until chosen.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// How.
    #[serde(default)]
    pub options: Options,
}

/// Most patches in one job.
pub const MAX_PATCHES: usize = 2_000;
/// Most assets named one by one, each way; more come by tag.
pub const MAX_NAMED_ASSETS: usize = 50;

/// Which assets a job is for. Resolved when it runs, in the scope of its owner:
/// tagged, minus excluded tags, plus named, minus excluded by name, minus out of scope, minus unlicensed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AssetSelection {
    /// Assets that carry any of these tags (or all, see `include_match`).
    pub include_tags: BTreeSet<TagId>,
    /// Any or all of `include_tags`.
    pub include_match: TagMatch,
    /// Minus assets that carry any (or all) of these.
    pub exclude_tags: BTreeSet<TagId>,
    /// Any or all of `exclude_tags`.
    pub exclude_match: TagMatch,
    /// Plus these.
    pub include_assets: BTreeSet<AssetId>,
    /// Minus these.
    pub exclude_assets: BTreeSet<AssetId>,
}

/// How several tags combine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagMatch {
    /// One of them is enough.
    #[default]
    Any,
    /// All of them.
    All,
}

/// How a job goes about its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Go on with the next patch after a failed one.
    pub continue_on_failure: bool,
    /// Minutes from the start within which an asset must have begun: 1 to 10,080 (168 hours); `None`: no window.
    pub window_minutes: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { continue_on_failure: true, window_minutes: None }
    }
}

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Id.
    pub id: JobId,
    /// What it does.
    pub definition: Definition,
    /// Where it is in its life.
    pub status: JobStatus,
    /// Whom it belongs to; `None` for an advisory.
    pub owner: Option<UserId>,
    /// Who else may edit and operate it.
    pub co_authors: Vec<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its definition was last changed.
    pub updated_at: Timestamp,
}
