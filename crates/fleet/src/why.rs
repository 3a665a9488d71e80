//! Why an asset misses a patch, has it, or has nothing to do with it: the decision as data and as sentences.

mod judged;
mod sentences;

use crate::assess::assessable;
use crate::catalog::{Catalog, Entry};
use crate::record::is_known;
use crate::rules::windows_key;
use crate::scoped::ScopedView;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{AssetId, PatchId, PatchNo};
use fettle_model::inventory::Inventory;
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::Patch;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeSet, VecDeque};

/// Most patches named in [`Why::superseded_by`]: more than the updates of a kernel over a release's life,
/// few enough to be read.
pub const MOST_SUCCESSORS: usize = 100;

/// The decision about one patch on one asset, with everything it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The asset.
    pub asset: AssetId,
    /// The patch.
    pub patch: PatchId,
    /// What the current catalog says of the inventory.
    pub decision: Decision,
    /// Packages that were compared, in the inventory's order; for each the entry with the worst outcome.
    pub judged: Vec<Judged>,
    /// The patch counts only when it is missing: having it makes no finding.
    pub baseline: bool,
    /// An administrator switched the patch off, or it was withdrawn: it makes no findings.
    pub disabled: bool,
    /// An enabled patch replaces it, directly or over others.
    pub superseded: bool,
    /// What replaces it, near ones first; at most [`MOST_SUCCESSORS`].
    pub superseded_by: Vec<Successor>,
    /// The scan the inventory came with, and whether it still counts.
    pub evidence: ScanEvidence,
    /// What lists show at this moment. Differs from `decision` for the short time in which a new catalog or
    /// inventory is being assessed.
    pub listed: Option<FindingStatus>,
    /// The same for people: one sentence each, the conclusion first.
    pub sentences: Vec<String>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Decision {
    /// A judged package is below its fixed version.
    Missing,
    /// Packages were judged and none is below its fixed version.
    Installed,
    /// The patch makes no finding on the asset.
    NotApplicable {
        /// Why not.
        because: NotApplicable,
    },
}

impl Decision {
    /// The finding it makes.
    #[must_use]
    pub fn finding(&self) -> Option<FindingStatus> {
        match self {
            Self::Missing => Some(FindingStatus::Missing),
            Self::Installed => Some(FindingStatus::Installed),
            Self::NotApplicable { .. } => None,
        }
    }
}

/// Why a patch makes no finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NotApplicable {
    /// The asset's operating system cannot be assessed.
    Unsupported {
        /// Why, and what to do, for people.
        why: String,
    },
    /// The patch is switched off.
    Disabled,
    /// It is made for another release.
    OtherRelease {
        /// The release it is made for.
        wanted: ReleaseKey,
        /// The release the asset has.
        found: ReleaseKey,
    },
    /// No package it speaks of is present.
    NothingPresent,
    /// Packages it speaks of are present, with versions that cannot be compared.
    UnreadableVersions,
    /// What a release was published with: it is there, which is no achievement.
    Baseline,
}

/// One package that was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Name of the binary package.
    pub name: String,
    /// Its architecture.
    pub architecture: String,
    /// What the rule speaks of: the package itself, or its source.
    pub by: JudgedBy,
    /// The version that is there: of the package, or of its source.
    pub installed: String,
    /// The version that has the fix.
    pub fixed: String,
    /// Whether the installed version is below it; `None` when the installed one is no version.
    pub below: Option<bool>,
    /// The administrator wants this version kept: jobs leave it as it is.
    pub held: bool,
}

/// The entry of a rule that judged a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum JudgedBy {
    /// An entry for the binary package.
    Binary {
        /// The entry's architecture; `all` fits every one.
        architecture: String,
    },
    /// An entry for the source package, asked when no binary entry fits.
    Source {
        /// Name of the source package.
        source: String,
    },
    /// The application is told by its codes or its name.
    Application,
    /// The build of Windows and the updates it lists.
    System,
    /// What the machine's own update service says.
    UpdateService,
}

/// A patch that replaces the explained one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Successor {
    /// Its id.
    pub id: PatchId,
    /// Its title.
    pub title: String,
    /// What it replaces directly: the explained patch, or a successor before it in the list.
    pub replaces: PatchId,
    /// Whether it is switched on. One that is off replaces nothing itself, only links others.
    pub enabled: bool,
    /// Nothing that is switched on replaces it in turn.
    pub latest: bool,
    /// What lists show of it on this asset.
    pub listed: Option<FindingStatus>,
}

/// The scan behind a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScanEvidence {
    /// When the last good scan was made.
    pub last_scan: Option<Timestamp>,
    /// How the last scan went.
    pub status: ScanStatus,
    /// Why it failed, or why the system is not supported.
    pub error: Option<String>,
    /// Whether it still counts. When not, what was not found missing is unknown, not compliant.
    pub fresh: bool,
}

/// Explains what `patch` is to `asset`, whose stored inventory is `inventory`. `None` when the asset is out of
/// the view's scope or there is no such asset or patch.
#[must_use]
pub fn why(view: &ScopedView, asset: AssetId, patch: &PatchId, inventory: &Inventory) -> Option<Why> {
    let row = view.asset(asset)?;
    let catalog = view.catalog();
    let entry = catalog.by_id(patch)?;
    let judged = judged::judged(catalog, entry, inventory);
    let card = &row.card;
    let mut why = Why {
        asset,
        patch: patch.clone(),
        decision: decide(catalog, &entry.patch, inventory, &judged),
        judged,
        baseline: entry.patch.baseline,
        disabled: !entry.patch.enabled,
        superseded: entry.superseded,
        superseded_by: successors(view, asset, entry),
        evidence: ScanEvidence {
            last_scan: card.last_scan,
            status: card.scan_status,
            error: card.scan_error.clone(),
            fresh: is_known(card.scan_status, card.last_scan),
        },
        listed: view.finding(asset, patch),
        sentences: Vec::new(),
    };
    why.sentences = sentences::tell(&why, &card.name);
    Some(why)
}

fn decide(catalog: &Catalog, patch: &Patch, inventory: &Inventory, judged: &[Judged]) -> Decision {
    let no = |because| Decision::NotApplicable { because };
    let found = match assessable(catalog, &inventory.os) {
        Ok((release, _)) => release,
        Err(why) => return no(NotApplicable::Unsupported { why }),
    };
    let other_release = patch.rule.packages().map(|rule| rule.release).filter(|wanted| **wanted != found);
    if !patch.enabled {
        no(NotApplicable::Disabled)
    } else if let Some(wanted) = other_release {
        no(NotApplicable::OtherRelease { wanted: wanted.clone(), found })
    } else if patch.rule.packages().is_none() && inventory.os.platform != Platform::Windows {
        no(NotApplicable::OtherRelease { wanted: windows_key(), found })
    } else if judged.is_empty() {
        no(NotApplicable::NothingPresent)
    } else if judged.iter().any(|judged| judged.below == Some(true)) {
        Decision::Missing
    } else if judged.iter().all(|judged| judged.below.is_none()) {
        no(NotApplicable::UnreadableVersions)
    } else if patch.baseline {
        no(NotApplicable::Baseline)
    } else {
        Decision::Installed
    }
}

/// Everything that replaces a patch, in the order of distance from it.
fn successors(view: &ScopedView, asset: AssetId, of: &Entry) -> Vec<Successor> {
    let catalog = view.catalog();
    let mut known: BTreeSet<PatchNo> = BTreeSet::from([of.no]);
    let mut open: VecDeque<(PatchNo, &PatchId)> = of.superseded_by.iter().map(|&no| (no, &of.patch.id)).collect();
    let mut successors = Vec::new();
    while let Some((no, replaces)) = open.pop_front() {
        let Some(entry) = catalog.get(no).filter(|_| known.insert(no)) else { continue };
        if successors.len() == MOST_SUCCESSORS {
            break;
        }
        open.extend(entry.superseded_by.iter().map(|&next| (next, &entry.patch.id)));
        successors.push(Successor {
            id: entry.patch.id.clone(),
            title: entry.patch.title.clone(),
            replaces: replaces.clone(),
            enabled: entry.patch.enabled,
            latest: !entry.superseded,
            listed: view.finding(asset, &entry.patch.id),
        });
    }
    successors
}
