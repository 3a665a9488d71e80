//! `GET /api/v1/patches/{id}/chain`

use crate::api::extract::{Json, Path};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_fleet::{Catalog, Entry};
use fettle_model::ids::{PatchId, PatchNo};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use utoipa::ToSchema;

/// Most patches of a chain that are given: a monthly update of Windows has a dozen a year, and nobody reads a drawing of more.
/// The nearest ones are given.
const MAX_CHAIN: usize = 200;

/// What a patch replaces and what replaces it, over others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatchChain {
    /// The patch itself, and the nearest 200 or fewer that it replaces or that replace it; each after all that replace it.
    pub patches: Vec<ChainedPatch>,
    /// Which of them replaces which. A link that follows from two others is left out, as the vendor may name all that came
    /// before.
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
    let order = newest_first(catalog, &distances);
    let links = links(catalog, &order);
    let patches = order.iter().filter_map(|&no| {
        let entry = catalog.get(no)?;
        let missing = view.patch(&entry.patch.id).map_or(0, |row| row.missing);
        Some(chained(entry, *distances.get(&no)?, missing))
    });
    Ok(Json(PatchChain { patches: patches.collect(), links, cut }))
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

/// Patches in an order in which each comes after all that replace it; of those that may come next, the newest first. Patches
/// that replace each other in a circle, which no vendor means, come last.
fn newest_first(catalog: &Catalog, distances: &BTreeMap<PatchNo, i32>) -> Vec<PatchNo> {
    let among = |nos: &[PatchNo]| nos.iter().copied().filter(|no| distances.contains_key(no)).collect::<Vec<_>>();
    let rank = |no: PatchNo, distance: i32| (distance, catalog.get(no).and_then(|entry| entry.patch.published_at), no);
    let mut waiting: BTreeMap<PatchNo, usize> =
        distances.keys().map(|&no| (no, catalog.get(no).map_or(0, |entry| among(&entry.superseded_by).len()))).collect();
    let mut ready: BTreeSet<(i32, Option<Timestamp>, PatchNo)> =
        distances.iter().filter(|(no, _)| waiting.get(no) == Some(&0)).map(|(&no, &distance)| rank(no, distance)).collect();
    let mut order = Vec::with_capacity(distances.len());
    while let Some((_, _, no)) = ready.pop_last() {
        order.push(no);
        waiting.remove(&no);
        for older in catalog.get(no).map(|entry| among(&entry.supersedes)).unwrap_or_default() {
            let Some(left) = waiting.get_mut(&older) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.insert(rank(older, distances.get(&older).copied().unwrap_or_default()));
            }
        }
    }
    order.extend(waiting.into_keys());
    order
}

/// Which of the patches replaces which, without what follows from two others. Wants each patch after all that replace it.
fn links(catalog: &Catalog, order: &[PatchNo]) -> Vec<ChainLink> {
    let place: BTreeMap<PatchNo, usize> = order.iter().enumerate().map(|(place, &no)| (no, place)).collect();
    // For each patch all that it replaces, over others; the oldest first, so that those of what it replaces are known.
    let mut below: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); order.len()];
    let mut links = Vec::new();
    for (at, &no) in order.iter().enumerate().rev() {
        let Some(entry) = catalog.get(no) else { continue };
        let olders: BTreeSet<usize> =
            entry.supersedes.iter().filter_map(|older| place.get(older).copied()).filter(|&older| older > at).collect();
        let mut reached = BTreeSet::new();
        for &older in &olders {
            // The nearest come first in the order, so that what follows from them is known when its turn comes.
            if !reached.insert(older) {
                continue;
            }
            reached.extend(below.get(older).into_iter().flatten().copied());
            let older = order.get(older).and_then(|&older| catalog.get(older));
            links.extend(older.map(|older| ChainLink { newer: entry.patch.id.clone(), older: older.patch.id.clone() }));
        }
        if let Some(slot) = below.get_mut(at) {
            *slot = reached;
        }
    }
    links.sort_unstable();
    links
}
