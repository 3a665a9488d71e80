//! `GET /api/v1/patches/{id}/chain`

use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_fleet::{Catalog, Entry};
use fettle_model::ids::{PatchId, PatchNo};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use utoipa::ToSchema;

/// Most patches of a chain that are given: a monthly update of Windows has a dozen a year, and nobody reads a drawing of more.
/// The nearest ones are given.
const MAX_CHAIN: usize = 200;

/// What a patch replaces and what replaces it, over others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatchChain {
    /// The patch itself, and the nearest 200 or fewer that it replaces or that replace it; newest first.
    pub patches: Vec<ChainedPatch>,
    /// Which of them replaces which, directly.
    pub links: Vec<ChainLink>,
    /// There are more than are given.
    pub cut: bool,
}

/// One patch of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainedPatch {
    /// Id.
    #[schema(value_type = String)]
    pub id: PatchId,
    /// Name for people.
    pub title: String,
    /// Direct replacements between it and the patch the chain is of: positive when it is newer, negative when it is older, 0 for
    /// that patch itself.
    pub distance: i32,
    /// When the vendor published it.
    #[schema(required)]
    pub published_at: Option<Timestamp>,
    /// An enabled patch replaces it.
    pub superseded: bool,
    /// Whether it is switched on. One that is not replaces nothing itself.
    pub enabled: bool,
    /// Visible assets that miss it.
    pub missing: u64,
}

/// A patch that replaces another directly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct ChainLink {
    /// The one that replaces the other.
    #[schema(value_type = String)]
    pub newer: PatchId,
    /// The one that is replaced.
    #[schema(value_type = String)]
    pub older: PatchId,
}

/// The chain of supersedence that a patch belongs to.
#[utoipa::path(
    get,
    path = "/patches/{id}/chain",
    tag = "patches",
    operation_id = "show_patch_chain",
    params(("id" = String, Path, description = "Id of the patch, percent-encoded.")),
    responses((status = 200, description = "The chain.", body = PatchChain)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn show_patch_chain(
    granted: Granted<permission::ViewFleet>,
    Path(id): Path<PatchId>,
) -> Result<Json<PatchChain>, Problem> {
    let view = granted.view();
    let catalog = view.catalog();
    let start = catalog.by_id(&id).ok_or_else(|| Problem::not_found("patch"))?.no;
    let (distances, cut) = nearest(catalog, start, MAX_CHAIN);
    let mut patches: Vec<ChainedPatch> = Vec::with_capacity(distances.len());
    let mut links = Vec::new();
    for (&no, &distance) in &distances {
        let Some(entry) = catalog.get(no) else { continue };
        let missing = view.patch(&entry.patch.id).map_or(0, |row| row.missing);
        patches.push(chained(entry, distance, missing));
        let olders = entry.supersedes.iter().filter(|older| distances.contains_key(older)).filter_map(|&older| catalog.get(older));
        links.extend(olders.map(|older| ChainLink { newer: entry.patch.id.clone(), older: older.patch.id.clone() }));
    }
    patches.sort_by(|left, right| (right.distance, right.published_at, &left.id).cmp(&(left.distance, left.published_at, &right.id)));
    links.sort_unstable();
    Ok(Json(PatchChain { patches, links, cut }))
}

fn chained(entry: &Arc<Entry>, distance: i32, missing: u64) -> ChainedPatch {
    ChainedPatch {
        id: entry.patch.id.clone(),
        title: entry.patch.title.clone(),
        distance,
        published_at: entry.patch.published_at,
        superseded: entry.superseded,
        enabled: entry.patch.enabled,
        missing,
    }
}

/// The patches that replace one or that it replaces, over others, each with its distance, nearest first until there are `most`
/// beside the one itself. Tells whether there are more.
fn nearest(catalog: &Catalog, start: PatchNo, most: usize) -> (BTreeMap<PatchNo, i32>, bool) {
    let mut found = BTreeMap::from([(start, 0)]);
    let mut open = VecDeque::from([(start, 0)]);
    while let Some((no, distance)) = open.pop_front() {
        let Some(entry) = catalog.get(no) else { continue };
        // What replaces a patch that this one replaces is no part of its chain: each direction goes on as it began.
        let newer = entry.superseded_by.iter().filter(|_| distance >= 0).map(|&no| (no, distance + 1));
        let older = entry.supersedes.iter().filter(|_| distance <= 0).map(|&no| (no, distance - 1));
        for (next, at) in newer.chain(older) {
            if found.contains_key(&next) {
                continue;
            }
            if found.len() > most {
                return (found, true);
            }
            found.insert(next, at);
            open.push_back((next, at));
        }
    }
    (found, false)
}
