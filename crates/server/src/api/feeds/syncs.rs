//! `GET /api/v1/feeds/{id}/syncs` and `GET /api/v1/feeds/{id}/syncs/{no}`

use crate::api::assets::row::PatchRef;
use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::ids::{FeedId, PatchId};
use fettle_store::{FeedSync, StoredPatch, SyncedPatches};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A feed's recent synchronisations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedSyncs {
    /// Newest first, up to 30.
    pub items: Vec<FeedSyncBody>,
}

/// One synchronisation, or several in a row that went alike and changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedSyncBody {
    /// Its number; counts from 1.
    pub no: u32,
    /// When the first of them ended.
    pub first_at: Timestamp,
    /// When the last of them ended.
    pub last_at: Timestamp,
    /// How many they are.
    pub times: u32,
    /// Why it failed; `null` after a success.
    #[schema(required)]
    pub error: Option<String>,
    /// What an administrator should know although it succeeded.
    pub warnings: Vec<String>,
    /// Patches it added; vulnerabilities where the feed speaks of these.
    pub added: u32,
    /// Patches, or vulnerabilities, it altered.
    pub changed: u32,
    /// Patches, or vulnerabilities, it withdrew.
    pub withdrawn: u32,
}

/// One synchronisation and the patches it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedSyncDetail {
    /// The synchronisation.
    #[serde(flatten)]
    pub sync: FeedSyncBody,
    /// Patches it added, up to 1000 of them, and none where the feed speaks of vulnerabilities. The counts count all.
    pub added_patches: Vec<PatchRef>,
    /// Patches it altered, up to 1000 of them.
    pub changed_patches: Vec<PatchRef>,
    /// Patches it withdrew, up to 1000 of them. They are not in the catalog any more, unless a later synchronisation brought
    /// them back.
    pub withdrawn_patches: Vec<PatchRef>,
}

/// Recent synchronisations of a feed. Attempts in a row that went alike and changed nothing are one.
#[utoipa::path(
    get,
    path = "/feeds/{id}/syncs",
    tag = "feeds",
    operation_id = "list_feed_syncs",
    params(("id" = Uuid, Path, description = "Id of the feed.")),
    responses((status = 200, description = "The synchronisations.", body = FeedSyncs)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn list_feed_syncs(
    granted: Granted<permission::ManageConfiguration>,
    Path(id): Path<FeedId>,
) -> Result<Json<FeedSyncs>, Problem> {
    let store = &granted.app().store;
    store.feed(id).await?.ok_or_else(|| Problem::not_found("feed"))?;
    let items = store.feed_syncs(id).await?.into_iter().map(body).collect();
    Ok(Json(FeedSyncs { items }))
}

/// One synchronisation of a feed, with the patches it changed.
#[utoipa::path(
    get,
    path = "/feeds/{id}/syncs/{no}",
    tag = "feeds",
    operation_id = "show_feed_sync",
    params(
        ("id" = Uuid, Path, description = "Id of the feed."),
        ("no" = u32, Path, description = "Number of the synchronisation."),
    ),
    responses((status = 200, description = "The synchronisation.", body = FeedSyncDetail)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn show_feed_sync(
    granted: Granted<permission::ManageConfiguration>,
    Path((id, no)): Path<(FeedId, u32)>,
) -> Result<Json<FeedSyncDetail>, Problem> {
    let store = &granted.app().store;
    let (sync, SyncedPatches { added, changed, withdrawn }) =
        store.feed_sync(id, no).await?.ok_or_else(|| Problem::not_found("synchronisation"))?;
    let ids: Vec<PatchId> = [&added, &changed, &withdrawn].into_iter().flatten().cloned().collect();
    let titles = store.patches_by_id(&ids).await?.into_iter().map(|StoredPatch { patch, .. }| (patch.id, patch.title)).collect();
    let named = |ids: Vec<PatchId>| ids.into_iter().map(|id| reference(id, &titles)).collect();
    Ok(Json(FeedSyncDetail {
        sync: body(sync),
        added_patches: named(added),
        changed_patches: named(changed),
        withdrawn_patches: named(withdrawn),
    }))
}

fn body(sync: FeedSync) -> FeedSyncBody {
    let FeedSync { no, first_at, last_at, times, outcome } = sync;
    FeedSyncBody {
        no,
        first_at,
        last_at,
        times,
        error: outcome.error,
        warnings: outcome.warnings,
        added: outcome.added,
        changed: outcome.changed,
        withdrawn: outcome.withdrawn,
    }
}

fn reference(id: PatchId, titles: &HashMap<PatchId, String>) -> PatchRef {
    let title = titles.get(&id).map_or_else(|| id.to_string(), Clone::clone);
    PatchRef { id, title }
}
