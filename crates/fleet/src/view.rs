//! One immutable state of the whole fleet.

use crate::card::{AssetCard, AssetRow};
use crate::catalog::Catalog;
use crate::scoped::ScopedView;
use crate::software::SoftwareTable;
use crate::tags::TagTree;
use fettle_model::access::{Actor, Scope};
use fettle_model::finding::{FindingCounts, FindingStatus};
use fettle_model::ids::{AssetId, PatchNo, TagId};
use jiff::Timestamp;
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Rows that are copied together when one of them changes.
pub(crate) const BLOCK: usize = 512;
/// Parts of the map from asset to row; a new asset copies one of them.
const SHARDS: usize = 256;
/// Patches whose sets lie together; a changed finding copies the pointers of one such group.
const GROUP: usize = 256;
/// Stands for "never" in [`Row::seen`].
const NEVER: i64 = i64::MIN;

/// All assets, patches and findings at one moment. It cannot be listed; [`View::in_scope`] gives what can.
#[derive(Debug, Clone)]
pub struct View {
    pub(crate) version: u64,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) blocks: Vec<Arc<Vec<Option<Row>>>>,
    pub(crate) places: Vec<Arc<HashMap<AssetId, u32>>>,
    pub(crate) present: Arc<RoaringBitmap>,
    pub(crate) tags: HashMap<TagId, Arc<RoaringBitmap>>,
    pub(crate) missing: Planes,
    pub(crate) installed: Planes,
    /// Rows of removed assets, to be used again.
    pub(crate) free: Vec<u32>,
    pub(crate) tag_tree: Arc<TagTree>,
    /// Where the lists on the cards are from; the same for all versions.
    pub(crate) software: Arc<SoftwareTable>,
}

/// One asset.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) card: Arc<AssetCard>,
    /// The name as sorted and searched.
    pub(crate) folded_name: Arc<str>,
    /// Encoded findings: a fleet's worth of lists would take several times the room.
    pub(crate) findings: Arc<[u8]>,
    pub(crate) counts: FindingCounts,
    /// When the agent was last heard from, in microseconds. Shared by all versions of the row, since a
    /// check-in must not cost a new version of the fleet.
    pub(crate) seen: Arc<AtomicI64>,
}

/// Why somebody looks at the whole fleet without being cut to a scope. Never the answer to a person's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Resolving the assets of a job; the planner cuts to the owner's scope itself and says who was cut.
    Planning,
    /// Work of the server that is the same for every asset: assessing again, marking stale ones, metrics.
    Upkeep,
}

/// Per patch a set of rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Planes(Vec<Arc<Vec<Option<Arc<RoaringBitmap>>>>>);

impl Planes {
    pub(crate) fn get(&self, no: PatchNo) -> Option<&RoaringBitmap> {
        let at = usize::try_from(no.0).ok()?;
        self.0.get(at / GROUP)?.get(at % GROUP)?.as_deref()
    }

    pub(crate) fn insert(&mut self, no: PatchNo, row: u32) {
        let at = usize::try_from(no.0).unwrap_or(usize::MAX);
        while self.0.len() <= at / GROUP {
            self.0.push(Arc::default());
        }
        let Some(group) = self.0.get_mut(at / GROUP).map(Arc::make_mut) else { return };
        if group.len() <= at % GROUP {
            group.resize(GROUP, None);
        }
        if let Some(plane) = group.get_mut(at % GROUP) {
            Arc::make_mut(plane.get_or_insert_default()).insert(row);
        }
    }

    pub(crate) fn remove(&mut self, no: PatchNo, row: u32) {
        let at = usize::try_from(no.0).unwrap_or(usize::MAX);
        let Some(group) = self.0.get_mut(at / GROUP).map(Arc::make_mut) else { return };
        let Some(slot) = group.get_mut(at % GROUP) else { return };
        let Some(plane) = slot.as_mut().map(Arc::make_mut) else { return };
        plane.remove(row);
        if plane.is_empty() {
            *slot = None;
        }
    }
}

impl Row {
    pub(crate) fn last_check_in(&self) -> Option<Timestamp> {
        let micros = self.seen.load(Ordering::Relaxed);
        Timestamp::from_microsecond(micros).ok().filter(|_| micros != NEVER)
    }

    /// Notes that the agent was heard from. An older moment changes nothing.
    pub(crate) fn note_seen(&self, at: Option<Timestamp>) {
        self.seen.fetch_max(at.map_or(NEVER, Timestamp::as_microsecond), Ordering::Relaxed);
    }

    pub(crate) fn never_seen() -> Arc<AtomicI64> {
        Arc::new(AtomicI64::new(NEVER))
    }

    pub(crate) fn to_asset_row(&self) -> AssetRow {
        AssetRow { card: Arc::clone(&self.card), counts: self.counts, last_check_in: self.last_check_in() }
    }
}

impl View {
    pub(crate) fn empty(catalog: Arc<Catalog>, software: Arc<SoftwareTable>) -> Self {
        Self {
            version: 0,
            catalog,
            blocks: Vec::new(),
            places: vec![Arc::default(); SHARDS],
            present: Arc::default(),
            tags: HashMap::new(),
            missing: Planes::default(),
            installed: Planes::default(),
            free: Vec::new(),
            tag_tree: Arc::default(),
            software,
        }
    }

    /// Grows with every published change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Where the lists of software on the cards are from.
    #[must_use]
    pub fn software(&self) -> &Arc<SoftwareTable> {
        &self.software
    }

    /// The catalog the counters were made with.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// What `actor` may see.
    #[must_use]
    pub fn in_scope(self: &Arc<Self>, actor: &Actor) -> ScopedView {
        let rows = match actor.scope() {
            Scope::Everything => Arc::clone(&self.present),
            Scope::Tags(tags) => {
                let mut rows = RoaringBitmap::new();
                for tag in tags.iter().filter_map(|tag| self.tags.get(tag)) {
                    rows |= tag.as_ref();
                }
                Arc::new(rows)
            }
        };
        ScopedView::new(Arc::clone(self), rows)
    }

    /// The whole fleet, for the server's own work.
    #[must_use]
    pub fn unscoped(self: &Arc<Self>, _purpose: Purpose) -> ScopedView {
        ScopedView::new(Arc::clone(self), Arc::clone(&self.present))
    }

    pub(crate) fn planes(&self, status: FindingStatus) -> &Planes {
        match status {
            FindingStatus::Missing => &self.missing,
            FindingStatus::Installed => &self.installed,
        }
    }

    pub(crate) fn shard(asset: AssetId) -> usize {
        // The last byte of an id is random, see `AssetId::make`.
        usize::from(asset.0.as_bytes()[15]) % SHARDS
    }

    pub(crate) fn place(&self, asset: AssetId) -> Option<u32> {
        self.places.get(Self::shard(asset))?.get(&asset).copied()
    }

    pub(crate) fn row(&self, at: u32) -> Option<&Row> {
        let at = usize::try_from(at).ok()?;
        self.blocks.get(at / BLOCK)?.get(at % BLOCK)?.as_ref()
    }

    /// How many assets carry each tag, among `rows`.
    pub(crate) fn tag_counts(&self, rows: &RoaringBitmap) -> BTreeMap<TagId, u64> {
        self.tags.iter().map(|(&tag, carriers)| (tag, carriers.intersection_len(rows))).filter(|&(_, count)| count > 0).collect()
    }
}
