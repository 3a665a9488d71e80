//! Where assets are: from ids to rows, and which segment a new one belongs to.

use super::dictionary::{Category, NONE};
use super::packed::Codes;
use super::segment::Segment;
use crate::snapshot::parallel;
use fettle_model::ids::AssetId;
use std::collections::HashMap;
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

/// Parts of the map; a new asset copies one of them.
const SHARDS: usize = 1_024;

/// The rows of all assets.
#[derive(Debug, Clone)]
pub(crate) struct Places(Vec<Arc<HashMap<AssetId, Place>>>);

impl Default for Places {
    fn default() -> Self {
        Self(vec![Arc::default(); SHARDS])
    }
}

impl Places {
    /// The rows of all assets in these segments; `None` when an asset has two. Made by several threads.
    pub(crate) fn of(segments: &[Arc<Segment>]) -> Option<Self> {
        let assets: usize = segments.iter().map(|segment| usize::try_from(segment.live.count()).unwrap_or(0)).sum();
        let threads = parallel::threads().min(SHARDS);
        let parts: Vec<Vec<usize>> = (0..threads).map(|part| (part..SHARDS).step_by(threads).collect()).collect();
        let made = parallel::each(&parts, || (), |(), shards| Self::some(segments, shards, assets / SHARDS).ok_or(())).ok()?;
        let mut places = Self::default();
        for (shard, map) in parts.into_iter().flatten().zip(made.into_iter().flatten()) {
            if let Some(slot) = places.0.get_mut(shard) {
                *slot = Arc::new(map);
            }
        }
        Some(places)
    }

    /// Some of the maps, every one with room for `each` assets and some more.
    fn some(segments: &[Arc<Segment>], shards: &[usize], each: usize) -> Option<Vec<HashMap<AssetId, Place>>> {
        let mut maps: Vec<_> = shards.iter().map(|_| HashMap::with_capacity(each + each / 8)).collect();
        let mut map_of = vec![usize::MAX; SHARDS];
        for (at, &shard) in shards.iter().enumerate() {
            *map_of.get_mut(shard)? = at;
        }
        for (at, segment) in (0_u16..).zip(segments) {
            for row in segment.live.iter() {
                let asset = segment.numbers.id(row)?;
                let map = map_of.get(Self::shard(asset)).and_then(|&at| maps.get_mut(at));
                if map.is_some_and(|map| map.insert(asset, Place { segment: at, row }).is_some()) {
                    return None;
                }
            }
        }
        Some(maps)
    }

    fn shard(asset: AssetId) -> usize {
        // The last bytes of an id are random, see `AssetId::make`.
        let bytes = asset.0.as_bytes();
        (usize::from(bytes[14]) << 8 | usize::from(bytes[15])) % SHARDS
    }

    /// The row of an asset.
    pub(crate) fn get(&self, asset: AssetId) -> Option<Place> {
        self.0.get(Self::shard(asset))?.get(&asset).copied()
    }

    /// Notes the row of an asset.
    pub(crate) fn set(&mut self, asset: AssetId, place: Place) {
        if let Some(shard) = self.0.get_mut(Self::shard(asset)) {
            Arc::make_mut(shard).insert(asset, place);
        }
    }

    /// Forgets an asset.
    pub(crate) fn remove(&mut self, asset: AssetId) {
        if let Some(shard) = self.0.get_mut(Self::shard(asset)) {
            Arc::make_mut(shard).remove(&asset);
        }
    }
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
