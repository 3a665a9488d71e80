//! The planner: which assets take part in a run, what is done on each, and why the others are left out.
//!
//! Pure: the same input gives the same plan, for a preview as for the run itself. To add a reason for leaving
//! an asset out, add it to [`LeftOutReason`], its rule to [`select`] or [`plan`], and a scenario to `tests/scenarios/`.

mod patches;
mod select;

pub use patches::{Facts, PatchNote, PatchOnAsset, PatchPlan, PlanPatch};
pub use select::{LeftOut, LeftOutReason, Selected, select};

use crate::job::{Definition, JobKind};
use crate::manifest::{Manifest, PlannedPatch};
use crate::run::{AssetRunStatus, PatchRunStatus};
use fettle_model::access::{Role, Scope};
use fettle_model::asset::ScanStatus;
use fettle_model::ids::{AssetId, JobId, RunId, TagId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// Everything a plan depends on.
pub struct PlanInput<'a> {
    /// What the job is meant to do.
    pub definition: &'a Definition,
    /// Whose scope it runs in; `None` when it has no owner, or the owner was deleted.
    pub owner: Option<Owner<'a>>,
    /// All assets, whatever their tags.
    pub assets: &'a [PlanAsset],
    /// What the catalog says of the job's patches. Patches it does not know are left out of this list.
    pub patches: &'a [PlanPatch],
    /// What each patch is to each asset. Asked only for assets that were not left out before, see [`select`].
    pub facts: &'a dyn Facts,
}

/// The owner of a job at the time of planning.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Role.
    pub role: Role,
    /// Whether the account is switched off.
    pub disabled: bool,
    /// What the owner may see; children of given tags are already added.
    pub scope: &'a Scope,
}

/// What the planner knows of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanAsset {
    /// Id.
    pub id: AssetId,
    /// Name.
    pub name: String,
    /// Tags it carries, and the tags above these: choosing a tag chooses its children.
    pub tags: BTreeSet<TagId>,
    /// How its last scan went.
    pub scan_status: ScanStatus,
    /// Its agent never changes the machine.
    pub assess_only: bool,
    /// Its agent's certificate was revoked.
    pub revoked: bool,
    /// Name of another job that has work on it which is not finished.
    pub busy_with: Option<String>,
}

/// The immutable outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Install or uninstall.
    pub kind: JobKind,
    /// Assets with something to do, in the order of the input.
    pub assets: Vec<PlannedAsset>,
    /// Assets the job speaks of that take no part, in the order of the input. Some may be outside the scope
    /// of whoever looks at the plan: cut the list before showing it.
    pub left_out: Vec<LeftOut>,
}

/// One asset with something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedAsset {
    /// Id.
    pub asset: AssetId,
    /// Name.
    pub name: String,
    /// The job's patches, in its order; at least one is pending.
    pub patches: Vec<PatchPlan>,
}

/// Why a job cannot run at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotRun {
    /// There is no owner.
    #[error("the job has no owner; a manager must assign one")]
    NoOwner,
    /// The owner's account is switched off.
    #[error("the job's owner is disabled; a manager must assign another")]
    OwnerDisabled,
    /// The owner's role may not own jobs.
    #[error("the job's owner is now a {0} and may not run jobs; a manager must assign another")]
    OwnerRole(Role),
    /// Patches, assets or schedule are missing.
    #[error("the job is only partially configured: it needs patches, assets or tags, and a schedule")]
    Incomplete,
}

/// Plans a run, or its preview.
///
/// # Errors
/// When the job cannot run for anybody.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, CannotRun> {
    let scope = scope_of(input)?;
    let Selected { assets: selected, mut left_out } = select(&input.definition.assets, scope, input.assets);
    let listed = patches::listed(input);
    let mut assets = Vec::new();
    for asset in selected {
        let patches: Vec<PatchPlan> = listed.iter().map(|patch| patch.on(asset.id, input)).collect();
        if patches.iter().any(|patch| patch.status == PatchRunStatus::Pending) {
            assets.push(PlannedAsset { asset: asset.id, name: asset.name.clone(), patches });
        } else {
            left_out.push(LeftOut { asset: asset.id, name: asset.name.clone(), reason: nothing_pending(input.definition.kind, &patches) });
        }
    }
    let places: HashMap<AssetId, usize> = input.assets.iter().enumerate().map(|(place, asset)| (asset.id, place)).collect();
    left_out.sort_by_key(|left| places.get(&left.asset).copied().unwrap_or(usize::MAX));
    Ok(Plan { kind: input.definition.kind, assets, left_out })
}

fn scope_of<'a>(input: &PlanInput<'a>) -> Result<&'a Scope, CannotRun> {
    let owner = input.owner.ok_or(CannotRun::NoOwner)?;
    if owner.disabled {
        return Err(CannotRun::OwnerDisabled);
    }
    if !owner.role.may_own_jobs() {
        return Err(CannotRun::OwnerRole(owner.role));
    }
    if input.definition.complete() { Ok(owner.scope) } else { Err(CannotRun::Incomplete) }
}

fn nothing_pending(kind: JobKind, patches: &[PatchPlan]) -> LeftOutReason {
    match kind {
        JobKind::Install if patches.iter().any(|patch| patch.status == PatchRunStatus::Superseded) => LeftOutReason::OnlySuperseded,
        JobKind::Install => LeftOutReason::NoPatchMissing,
        JobKind::Uninstall => LeftOutReason::NothingToTakeBack,
    }
}

/// What a manifest says beside the asset's patches.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The job.
    pub job: JobId,
    /// What the job is meant to do.
    pub definition: &'a Definition,
    /// The run.
    pub run: RunId,
    /// The asset's next generation.
    pub generation: u64,
    /// Start of the run.
    pub start: Timestamp,
    /// An agent refuses the manifest from this time on.
    pub expires_at: Timestamp,
}

impl PlannedAsset {
    /// The manifest for this asset: only what is to be done.
    #[must_use]
    pub fn manifest(&self, terms: &Terms<'_>) -> Manifest {
        let pending = self.patches.iter().filter(|patch| patch.status == PatchRunStatus::Pending);
        let planned = |patch: &PatchPlan| PlannedPatch {
            patch: patch.patch.clone(),
            title: patch.title.clone(),
            packages: patch.packages.clone(),
            reboot: patch.reboot,
        };
        Manifest {
            asset: self.asset,
            job: terms.job,
            job_name: terms.definition.name.clone(),
            run: terms.run,
            generation: terms.generation,
            kind: terms.definition.kind,
            not_before: terms.start,
            begin_before: terms.definition.options.window_from(terms.start),
            expires_at: terms.expires_at,
            patches: pending.map(planned).collect(),
            continue_on_failure: terms.definition.options.continue_on_failure,
        }
    }
}

impl LeftOutReason {
    /// How an asset that was left out for this reason ends in the run.
    #[must_use]
    pub fn status(&self) -> AssetRunStatus {
        AssetRunStatus::NothingToDo
    }
}
