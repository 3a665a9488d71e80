//! Which assets a job speaks of, and which of them can take part.

use super::PlanAsset;
use crate::job::{AssetSelection, TagMatch};
use fettle_model::access::Scope;
use fettle_model::asset::ScanStatus;
use fettle_model::ids::{AssetId, TagId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Why an asset that the job speaks of takes no part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum LeftOutReason {
    /// It carries excluded tags.
    ExcludedByTag,
    /// It is excluded by name.
    ExcludedByName,
    /// The owner of the job does not see it.
    OutOfScope,
    /// It is named by the job and no longer exists.
    Removed,
    /// Its agent's certificate was revoked.
    Revoked,
    /// Its agent never changes the machine.
    AssessOnly,
    /// Nothing is known about it yet.
    NeverScanned,
    /// Its operating system cannot be assessed.
    Unsupported,
    /// It has not scanned for a long time, so what is known is too old to act on.
    Stale,
    /// Another job has work on it that is not finished.
    AnotherJobRunning {
        /// Name of the other job.
        job: String,
    },
    /// It misses none of the job's patches.
    NoPatchMissing,
    /// It misses some, and newer patches replace all of them.
    OnlySuperseded,
    /// It has none of the job's patches, or no earlier version of them is available.
    NothingToTakeBack,
}

impl std::fmt::Display for LeftOutReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ExcludedByTag => f.write_str("excluded by tag"),
            Self::ExcludedByName => f.write_str("excluded by name"),
            Self::OutOfScope => f.write_str("out of scope of the job's owner"),
            Self::Removed => f.write_str("removed"),
            Self::Revoked => f.write_str("agent revoked"),
            Self::AssessOnly => f.write_str("assess only"),
            Self::NeverScanned => f.write_str("never scanned"),
            Self::Unsupported => f.write_str("unsupported"),
            Self::Stale => f.write_str("stale"),
            Self::AnotherJobRunning { job } => write!(f, "another job running: {job}"),
            Self::NoPatchMissing => f.write_str("no patch missing"),
            Self::OnlySuperseded => f.write_str("only superseded patches missing"),
            Self::NothingToTakeBack => f.write_str("nothing to take back"),
        }
    }
}

/// An asset that takes no part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Id.
    pub asset: AssetId,
    /// Name; empty when the asset no longer exists.
    pub name: String,
    /// Why.
    #[serde(flatten)]
    pub reason: LeftOutReason,
}

/// Assets a job speaks of.
#[derive(Debug, Clone)]
pub struct Selected<'a> {
    /// Those that can take part as far as patches are not looked at, in the order of the input.
    pub assets: Vec<&'a PlanAsset>,
    /// The others the job speaks of, in the order of the input; removed ones at the end.
    pub left_out: Vec<LeftOut>,
}

/// Resolves the assets of a job in the order of the job specification: tagged, minus excluded tags, plus
/// named, minus excluded by name, minus out of scope; then those that cannot take part whatever the patches.
///
/// [`super::plan`] does this itself. The server calls it before, to load inventories of no more assets than needed.
#[must_use]
pub fn select<'a>(selection: &AssetSelection, scope: &Scope, assets: &'a [PlanAsset]) -> Selected<'a> {
    let mut selected = Selected { assets: Vec::new(), left_out: Vec::new() };
    let mut unseen: BTreeSet<AssetId> = selection.include_assets.difference(&selection.exclude_assets).copied().collect();
    for asset in assets {
        unseen.remove(&asset.id);
        match judge(selection, scope, asset) {
            Judged::NotMeant => {}
            Judged::TakesPart => selected.assets.push(asset),
            Judged::LeftOut(reason) => selected.left_out.push(LeftOut { asset: asset.id, name: asset.name.clone(), reason }),
        }
    }
    selected.left_out.extend(unseen.into_iter().map(|asset| LeftOut { asset, name: String::new(), reason: LeftOutReason::Removed }));
    selected
}

enum Judged {
    NotMeant,
    TakesPart,
    LeftOut(LeftOutReason),
}

fn judge(selection: &AssetSelection, scope: &Scope, asset: &PlanAsset) -> Judged {
    let tagged = carries(&asset.tags, &selection.include_tags, selection.include_match);
    let named = selection.include_assets.contains(&asset.id);
    if !tagged && !named {
        return Judged::NotMeant;
    }
    let excluded_tag = carries(&asset.tags, &selection.exclude_tags, selection.exclude_match);
    let reason = if excluded_tag && !named {
        LeftOutReason::ExcludedByTag
    } else if selection.exclude_assets.contains(&asset.id) {
        LeftOutReason::ExcludedByName
    } else if !scope.sees(&asset.tags) {
        LeftOutReason::OutOfScope
    } else {
        match hindrance(asset) {
            Some(reason) => reason,
            None => return Judged::TakesPart,
        }
    };
    Judged::LeftOut(reason)
}

/// Whether an asset carries any (or all) of the chosen tags. No chosen tags choose nothing.
fn carries(tags: &BTreeSet<TagId>, chosen: &BTreeSet<TagId>, how: TagMatch) -> bool {
    match how {
        _ if chosen.is_empty() => false,
        TagMatch::Any => !chosen.is_disjoint(tags),
        TagMatch::All => chosen.is_subset(tags),
    }
}

fn hindrance(asset: &PlanAsset) -> Option<LeftOutReason> {
    if asset.revoked {
        return Some(LeftOutReason::Revoked);
    }
    if asset.assess_only {
        return Some(LeftOutReason::AssessOnly);
    }
    match asset.scan_status {
        ScanStatus::NeverScanned => return Some(LeftOutReason::NeverScanned),
        ScanStatus::Unsupported => return Some(LeftOutReason::Unsupported),
        ScanStatus::Stale => return Some(LeftOutReason::Stale),
        // A failed or running scan leaves the findings of the one before.
        ScanStatus::Scanning | ScanStatus::Scanned | ScanStatus::ScanFailed => {}
    }
    asset.busy_with.clone().map(|job| LeftOutReason::AnotherJobRunning { job })
}
