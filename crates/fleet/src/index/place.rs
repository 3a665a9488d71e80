//! Where assets are: from ids to rows, and which segment a new one belongs to.

use super::dictionary::{Category, NONE};
use super::packed::Codes;
use super::segment::Segment;
use crate::snapshot::parallel;
use fettle_model::ids::AssetId;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::sync::Arc;

/// Rows of one system in shared segments from which on it gets segments of its own. Below, a segment costs more
/// than it saves: a question visits every segment.
pub(crate) const OWN_FROM: u32 = 4_096;

/// The row of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) segment: u16,
    pub(crate) row: u16,
}

/// Parts of the table; a new asset copies one of them.
const SHARDS: usize = 1_024;

/// The rows of all assets. Ids are not kept a second time: a row says whose it is, so whoever asks brings the
/// segments that the places lead to. A row may be given to another asset only after its place was forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    shards: Vec<Arc<HashTable<Place>>>,
    hasher: DefaultHashBuilder,
}

impl Default for Places {
    fn default() -> Self {
        Self { shards: vec![Arc::default(); SHARDS], hasher: DefaultHashBuilder::default() }
    }
}

/// Whose row a place is.
fn owner(segments: &[Arc<Segment>], place: Place) -> Option<AssetId> {
    segments.get(usize::from(place.segment))?.numbers.id(place.row)
}

impl Places {
    /// The rows of all assets in these segments; `None` when an asset has two. Made by several threads.
    pub(crate) fn of(segments: &[Arc<Segment>]) -> Option<Self> {
        let mut places = Self::default();
        let assets: usize = segments.iter().map(|segment| usize::try_from(segment.live.count()).unwrap_or(0)).sum();
        let threads = parallel::threads().min(SHARDS);
        let parts: Vec<Vec<usize>> = (0..threads).map(|part| (part..SHARDS).step_by(threads).collect()).collect();
        let made = parallel::each(&parts, || (), |(), shards| places.some(segments, shards, assets / SHARDS).ok_or(())).ok()?;
        for (shard, table) in parts.into_iter().flatten().zip(made.into_iter().flatten()) {
            if let Some(slot) = places.shards.get_mut(shard) {
                *slot = Arc::new(table);
            }
        }
        Some(places)
    }

    /// Some of the tables, every one with room for `each` assets and some more.
    fn some(&self, segments: &[Arc<Segment>], shards: &[usize], each: usize) -> Option<Vec<HashTable<Place>>> {
        let mut tables: Vec<_> = shards.iter().map(|_| HashTable::with_capacity(each + each / 8)).collect();
        let mut table_of = vec![usize::MAX; SHARDS];
        for (at, &shard) in shards.iter().enumerate() {
            *table_of.get_mut(shard)? = at;
        }
        for (at, segment) in (0_u16..).zip(segments) {
            for row in segment.live.iter() {
                let asset = segment.numbers.id(row)?;
                let Some(table) = table_of.get(shard_of(asset)).and_then(|&at| tables.get_mut(at)) else { continue };
                let hash = self.hash(asset);
                if table.find(hash, |&place| owner(segments, place) == Some(asset)).is_some() {
                    return None;
                }
                table.insert_unique(hash, Place { segment: at, row }, |&place| self.hasher.hash_one(owner(segments, place)));
            }
        }
        Some(tables)
    }

    /// The row of an asset.
    pub(crate) fn get(&self, asset: AssetId, segments: &[Arc<Segment>]) -> Option<Place> {
        let is_it = |place: &Place| owner(segments, *place) == Some(asset);
        self.shards.get(shard_of(asset))?.find(self.hash(asset), is_it).copied()
    }

    /// Notes the row of an asset, which says already whose it is and is the only one.
    pub(crate) fn add(&mut self, asset: AssetId, place: Place, segments: &[Arc<Segment>]) {
        let hash = self.hash(asset);
        let hasher = &self.hasher;
        if let Some(shard) = self.shards.get_mut(shard_of(asset)) {
            let hash_of = |place: &Place| hasher.hash_one(owner(segments, *place));
            Arc::make_mut(shard).insert_unique(hash, place, hash_of);
        }
    }

    /// Forgets an asset, whose row still says that it is its own.
    pub(crate) fn remove(&mut self, asset: AssetId, segments: &[Arc<Segment>]) {
        let hash = self.hash(asset);
        let is_it = |place: &Place| owner(segments, *place) == Some(asset);
        if let Some(Ok(entry)) = self.shards.get_mut(shard_of(asset)).map(|shard| Arc::make_mut(shard).find_entry(hash, is_it)) {
            entry.remove();
        }
    }

    fn hash(&self, asset: AssetId) -> u64 {
        self.hasher.hash_one(Some(asset))
    }
}

fn shard_of(asset: AssetId) -> usize {
    // The last bytes of an id are random, see `AssetId::make`.
    let bytes = asset.0.as_bytes();
    (usize::from(bytes[14]) << 8 | usize::from(bytes[15])) % SHARDS
}

/// What assets of one system have in common, so that the same patches apply to them: the distribution
/// release, or name and version where there is none. In numbers of the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct System {
    pub(crate) platform: u32,
    pub(crate) release: u32,
    pub(crate) name: u32,
    pub(crate) version: u32,
}

impl System {
    /// The system of an asset with these values.
    pub(crate) fn of(codes: &Codes) -> Self {
        let code = |category: Category| codes.single.get(category as usize).copied().unwrap_or(NONE);
        let (platform, release) = (code(Category::Platform), code(Category::Release));
        let (name, version) = if release == NONE { (code(Category::OsName), code(Category::OsVersion)) } else { (NONE, NONE) };
        Self { platform, release, name, version }
    }
}

/// Whose rows a segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// Those of one system.
    Own(System),
    /// Those of all systems of a platform that have few.
    Shared {
        /// Number of the platform; [`NONE`] before the first scan.
        platform: u32,
    },
}

impl Default for Home {
    fn default() -> Self {
        Self::Shared { platform: NONE }
    }
}
