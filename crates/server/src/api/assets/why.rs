//! `GET /api/v1/assets/{id}/patches/{patch}/why`

use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_fleet::{Decision, JudgedBy, NotApplicable, Successor, Why, why};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{AssetId, PatchId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

fettle_model::text_enum! {
    /// What was decided about a patch on an asset.
    pub enum WhyStatus {
        /// A package it fixes is below the fixed version.
        Missing = "missing",
        /// Packages it fixes are there, and none is below its fixed version.
        Installed = "installed",
        /// It has nothing to do with the asset.
        NotApplicable = "not_applicable",
        /// The asset has not scanned yet.
        Unknown = "unknown",
    }
}

/// Why a patch is missing on an asset, installed, or has nothing to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct WhyBody {
    /// The asset.
    #[schema(value_type = Uuid)]
    pub asset: AssetId,
    /// Its name.
    pub asset_name: String,
    /// The patch.
    #[schema(value_type = String)]
    pub patch: PatchId,
    /// Its title.
    pub patch_title: String,
    /// What the current catalog says of the last inventory.
    #[schema(value_type = words::WhyStatus)]
    pub status: WhyStatus,
    /// Why it has nothing to do with the asset: `unsupported`, `disabled`, `other_release`, `nothing_present`,
    /// `unreadable_versions` or `baseline`; `null` when it has.
    #[schema(required)]
    pub reason: Option<String>,
    /// Packages that were compared.
    pub judged: Vec<JudgedPackage>,
    /// The patch counts only when it is missing: having it makes no finding.
    pub baseline: bool,
    /// It is switched off.
    pub disabled: bool,
    /// A newer patch replaces it.
    pub superseded: bool,
    /// What replaces it, near ones first; at most 100.
    pub superseded_by: Vec<SuccessorBody>,
    /// When the last good scan was made.
    #[schema(required)]
    pub last_scan: Option<Timestamp>,
    /// How the last scan went.
    #[schema(value_type = words::ScanStatus)]
    pub scan_status: ScanStatus,
    /// Why it failed, or why the asset cannot be assessed.
    #[schema(required)]
    pub scan_error: Option<String>,
    /// Whether the scan still counts. When not, what was not found missing is unknown, not compliant.
    pub fresh: bool,
    /// What lists show at this moment. It differs from `status` for the short time in which a new catalog or
    /// inventory is being assessed.
    #[schema(value_type = Option<words::FindingStatus>, required)]
    pub listed: Option<FindingStatus>,
    /// The same for people: one sentence each, the conclusion first.
    pub sentences: Vec<String>,
}

/// A package that was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct JudgedPackage {
    /// Name of the binary package.
    pub name: String,
    /// Its architecture.
    pub architecture: String,
    /// The source package whose version was compared; `null` when it was the package's own.
    #[schema(required)]
    pub source: Option<String>,
    /// The version that is there.
    pub installed: String,
    /// The version that has the fix.
    pub fixed: String,
    /// Whether the installed one is below it; `null` when it cannot be compared.
    #[schema(required)]
    pub below: Option<bool>,
    /// Marked to be kept at its version: jobs leave it as it is.
    pub held: bool,
}

/// A patch that replaces another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct SuccessorBody {
    /// Id.
    #[schema(value_type = String)]
    pub id: PatchId,
    /// Title.
    pub title: String,
    /// What it replaces directly: the patch asked about, or one that is before it in the list.
    #[schema(value_type = String)]
    pub replaces: PatchId,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Nothing replaces it in turn.
    pub latest: bool,
    /// What lists show of it on this asset.
    #[schema(value_type = Option<words::FindingStatus>, required)]
    pub listed: Option<FindingStatus>,
}

/// Why a patch is missing on an asset, installed, or has nothing to do with it.
#[utoipa::path(
    get,
    path = "/assets/{id}/patches/{patch}/why",
    tag = "assets",
    operation_id = "explain_asset_patch",
    params(
        ("id" = Uuid, Path, description = "Id of the asset."),
        ("patch" = String, Path, description = "Id of the patch, percent-encoded."),
    ),
    responses((status = 200, description = "The decision and what it was made from.", body = WhyBody)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn explain_asset_patch(
    granted: Granted<permission::ViewFleet>,
    Path((id, patch)): Path<(AssetId, PatchId)>,
) -> Result<Json<WhyBody>, Problem> {
    let row = granted.asset(id)?;
    let view = granted.view();
    let title = view.catalog().by_id(&patch).map(|entry| entry.patch.title.clone()).ok_or_else(|| Problem::not_found("patch"))?;
    let Some(inventory) = granted.app().store.inventory(id).await? else {
        return Ok(Json(never_scanned(&row, patch, title)));
    };
    let why = why(&view, id, &patch, &inventory).ok_or_else(|| Problem::not_found("asset"))?;
    Ok(Json(body(why, row.card.name.clone(), title)))
}

fn never_scanned(row: &fettle_fleet::AssetRow, patch: PatchId, patch_title: String) -> WhyBody {
    let card = &row.card;
    WhyBody {
        asset: card.id,
        asset_name: card.name.clone(),
        patch,
        patch_title,
        status: WhyStatus::Unknown,
        reason: None,
        judged: Vec::new(),
        baseline: false,
        disabled: false,
        superseded: false,
        superseded_by: Vec::new(),
        last_scan: card.last_scan,
        scan_status: card.scan_status,
        scan_error: card.scan_error.clone(),
        fresh: false,
        listed: None,
        sentences: vec![format!("Nobody knows yet: {} has not sent an inventory. Ask it to scan.", card.name)],
    }
}

fn body(why: Why, asset_name: String, patch_title: String) -> WhyBody {
    let (status, reason) = match &why.decision {
        Decision::Missing => (WhyStatus::Missing, None),
        Decision::Installed => (WhyStatus::Installed, None),
        Decision::NotApplicable { because } => (WhyStatus::NotApplicable, Some(word(because).to_owned())),
    };
    let judged = why.judged.into_iter().map(|judged| JudgedPackage {
        name: judged.name,
        architecture: judged.architecture,
        source: if let JudgedBy::Source { source } = judged.by { Some(source) } else { None },
        installed: judged.installed,
        fixed: judged.fixed,
        below: judged.below,
        held: judged.held,
    });
    WhyBody {
        asset: why.asset,
        asset_name,
        patch: why.patch,
        patch_title,
        status,
        reason,
        judged: judged.collect(),
        baseline: why.baseline,
        disabled: why.disabled,
        superseded: why.superseded,
        superseded_by: why.superseded_by.into_iter().map(successor).collect(),
        last_scan: why.evidence.last_scan,
        scan_status: why.evidence.status,
        scan_error: why.evidence.error,
        fresh: why.evidence.fresh,
        listed: why.listed,
        sentences: why.sentences,
    }
}

fn word(because: &NotApplicable) -> &'static str {
    match because {
        NotApplicable::Unsupported { .. } => "unsupported",
        NotApplicable::Disabled => "disabled",
        NotApplicable::OtherRelease { .. } => "other_release",
        NotApplicable::NothingPresent => "nothing_present",
        NotApplicable::UnreadableVersions => "unreadable_versions",
        NotApplicable::Baseline => "baseline",
    }
}

fn successor(successor: Successor) -> SuccessorBody {
    let Successor { id, title, replaces, enabled, latest, listed } = successor;
    SuccessorBody { id, title, replaces, enabled, latest, listed }
}
