//! What is done on one asset: the job's patches in its order.

use super::PlanInput;
use crate::job::JobKind;
use crate::run::{PackageChange, PatchRunStatus};
use fettle_model::ids::{AssetId, PatchId};
use fettle_model::patch::Reboot;
use fettle_model::rule::BinaryVersion;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the catalog says of one of the job's patches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPatch {
    /// Id.
    pub id: PatchId,
    /// Title.
    pub title: String,
    /// Whether it asks for a restart.
    pub reboot: Reboot,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether an agent can fetch it.
    pub deployable: bool,
    /// One of the patches that replace it, when it is superseded.
    pub superseded_by: Option<PatchId>,
}

/// Where the planner learns what a patch is to an asset.
pub trait Facts {
    /// What `patch` is to `asset`.
    fn patch_on(&self, asset: AssetId, patch: &PatchId) -> PatchOnAsset;
}

/// What a patch is to an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchOnAsset {
    /// It has nothing to do with it.
    NotApplicable,
    /// The asset misses it.
    Missing {
        /// What to install.
        packages: Vec<BinaryVersion>,
        /// Names of those that are marked to be kept.
        held: Vec<String>,
    },
    /// The asset has it.
    Installed {
        /// What changed when Fettle installed it here; empty when it did not.
        recorded: Vec<PackageChange>,
        /// Earlier versions that the catalog knows.
        rollback: Vec<BinaryVersion>,
        /// Names of its packages that are marked to be kept.
        held: Vec<String>,
    },
}

fettle_model::text_enum! {
    /// Why the planner does not want a patch done on an asset, or what a person should know about it.
    pub enum PatchNote {
        /// The catalog does not know it any more.
        Unknown = "unknown",
        /// It was switched off or withdrawn.
        SwitchedOff = "switched_off",
        /// It must be acquired from the vendor.
        AcquireFromVendor = "acquire_from_vendor",
        /// A newer patch replaces it.
        Superseded = "superseded",
        /// The asset has it already.
        AlreadyInstalled = "already_installed",
        /// It has nothing to do with the asset, or is not there to be taken back.
        DoesNotApply = "does_not_apply",
        /// It is missing, and no package source of the catalog carries the fixed packages.
        NoPackages = "no_packages",
        /// No earlier version of its packages is known.
        NoEarlierVersion = "no_earlier_version",
        /// Some of its packages are marked to be kept; the agent will say so unless they are released before.
        PackagesHeld = "packages_held",
    }
}

/// One of the job's patches on one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchPlan {
    /// The patch.
    pub patch: PatchId,
    /// Its title; the id when the catalog does not know it.
    pub title: String,
    /// [`PatchRunStatus::Pending`] when it is to be done, otherwise why not.
    pub status: PatchRunStatus,
    /// More about it.
    pub note: Option<PatchNote>,
    /// Packages and the versions they are to have.
    pub packages: Vec<BinaryVersion>,
    /// Names of those marked to be kept.
    pub held: Vec<String>,
    /// Whether it asks for a restart.
    pub reboot: Reboot,
}

/// One patch of the job's list.
pub(super) enum Listed<'a> {
    /// The catalog knows it.
    Known(&'a PlanPatch),
    /// It does not.
    Unknown(&'a PatchId),
}

/// The job's patches in its order; a patch that is listed twice counts once.
pub(super) fn listed<'a>(input: &PlanInput<'a>) -> Vec<Listed<'a>> {
    let known: HashMap<&PatchId, &PlanPatch> = input.patches.iter().map(|patch| (&patch.id, patch)).collect();
    let mut seen = HashSet::new();
    let once = input.definition.patches.iter().filter(|id| seen.insert(*id));
    once.map(|id| known.get(id).map_or(Listed::Unknown(id), |patch| Listed::Known(patch))).collect()
}

impl Listed<'_> {
    /// What becomes of the patch on one asset.
    pub(super) fn on(&self, asset: AssetId, input: &PlanInput<'_>) -> PatchPlan {
        let (id, title, reboot) = match self {
            Self::Known(patch) => (&patch.id, &patch.title, patch.reboot),
            Self::Unknown(id) => (*id, &id.0, Reboot::Never),
        };
        let (status, note, packages, held) = match (self, input.definition.kind) {
            (Self::Unknown(_), _) => nothing(PatchNote::Unknown),
            (Self::Known(patch), JobKind::Install) => install(patch, input.facts.patch_on(asset, id)),
            (Self::Known(_), JobKind::Uninstall) => uninstall(input.facts.patch_on(asset, id)),
        };
        PatchPlan { patch: id.clone(), title: title.clone(), status, note, packages, held, reboot }
    }
}

type Resolved = (PatchRunStatus, Option<PatchNote>, Vec<BinaryVersion>, Vec<String>);

fn nothing(note: PatchNote) -> Resolved {
    (PatchRunStatus::NotApplicable, Some(note), Vec::new(), Vec::new())
}

fn pending(packages: Vec<BinaryVersion>, held: Vec<String>) -> Resolved {
    let note = (!held.is_empty()).then_some(PatchNote::PackagesHeld);
    (PatchRunStatus::Pending, note, packages, held)
}

fn install(patch: &PlanPatch, found: PatchOnAsset) -> Resolved {
    match found {
        _ if !patch.enabled => nothing(PatchNote::SwitchedOff),
        PatchOnAsset::NotApplicable => nothing(PatchNote::DoesNotApply),
        PatchOnAsset::Installed { .. } => nothing(PatchNote::AlreadyInstalled),
        PatchOnAsset::Missing { .. } if patch.superseded_by.is_some() => {
            (PatchRunStatus::Superseded, Some(PatchNote::Superseded), Vec::new(), Vec::new())
        }
        PatchOnAsset::Missing { .. } if !patch.deployable => nothing(PatchNote::AcquireFromVendor),
        PatchOnAsset::Missing { packages, .. } if packages.is_empty() => nothing(PatchNote::NoPackages),
        PatchOnAsset::Missing { packages, held } => pending(packages, held),
    }
}

/// Taking back uses what Fettle itself changed on this asset, and for packages it did not change what the
/// catalog knows: recorded versions are certain to have worked on this machine.
fn uninstall(found: PatchOnAsset) -> Resolved {
    let PatchOnAsset::Installed { recorded, rollback, held } = found else { return nothing(PatchNote::DoesNotApply) };
    let catalog = rollback.into_iter().map(|entry| ((entry.name, entry.architecture), entry.version));
    let mut earlier: BTreeMap<(String, String), String> = catalog.collect();
    // A package that was new on the machine has no version to go back to.
    let changed = recorded.into_iter().filter(|change| !change.from.is_empty());
    earlier.extend(changed.map(|change| ((change.name, change.architecture), change.from)));
    if earlier.is_empty() {
        return nothing(PatchNote::NoEarlierVersion);
    }
    let packages = earlier.into_iter().map(|((name, architecture), version)| BinaryVersion { name, architecture, version });
    pending(packages.collect(), held)
}
