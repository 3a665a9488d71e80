//! A fleet made of numbers alone, to fill an index for measurements: no agents, no packages, only who misses
//! what, with the shapes that real fleets have.
//!
//! Systems are shared out by Zipf's law, a few patches apply to almost everybody and most to few, the newest
//! are mostly missing, and every machine has its own hygiene. Everything follows from the seed, asset by
//! asset, so that any part can be made again, in any order, by several threads.

mod assets;
mod fill;
mod patches;
pub mod questions;
mod systems;

pub use fill::Filled;
pub use systems::System;

use crate::chance::Chance;
use fettle_fleet::{AssetCard, Catalog};
use fettle_model::finding::Findings;
use fettle_model::tag::Tag;
use jiff::Timestamp;
use std::sync::Arc;

/// How large, and which.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Assets.
    pub assets: u32,
    /// Patches, over all systems.
    pub patches: u32,
    /// Missing patches per asset on average.
    pub missing: f64,
    /// Installed patches per asset on average.
    pub installed: f64,
    /// Seed.
    pub seed: u64,
}

/// A fleet that can be asked for any of its assets.
#[derive(Debug)]
pub struct Synthetic {
    size: Size,
    now: Timestamp,
    catalog: Arc<Catalog>,
    systems: Vec<System>,
    tags: Vec<Tag>,
    /// For each tag that is not a site, how likely an asset carries it.
    carried: Vec<f64>,
}

impl Synthetic {
    /// Makes the catalog, the systems and the tags; assets are made when asked for.
    #[must_use]
    pub fn new(size: Size, now: Timestamp) -> Self {
        let patches = patches::make(size.patches, now, &mut Chance::of(size.seed, &["patches"]));
        let systems = systems::make(&size, &patches, &mut Chance::of(size.seed, &["systems"]));
        let (tags, carried) = assets::tags();
        // Generation 0, as a store without feeds has it: a server does not replace it by the stored one.
        let catalog = Arc::new(Catalog::build(0, patches));
        Self { size, now, catalog, systems, tags, carried }
    }

    /// How many assets there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.size.assets
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.size.assets == 0
    }

    /// The moment it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// All patches.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// All tags: forty that say what a machine is for, and a tree of two hundred sites.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The operating system versions, the most frequent first.
    #[must_use]
    pub fn systems(&self) -> &[System] {
        &self.systems
    }

    /// The asset with this number, from 0, and what it misses and has.
    #[must_use]
    pub fn asset(&self, number: u32) -> (AssetCard, Findings) {
        assets::make(self, number, 0)
    }

    /// The system of that asset, without making the rest of it.
    #[must_use]
    pub fn system_of(&self, number: u32) -> Option<&System> {
        assets::system_of(self, number)
    }

    /// The same asset at a later scan: its software is the same, some patches came and went.
    #[must_use]
    pub fn rescanned(&self, number: u32, scan: u32) -> Findings {
        assets::make(self, number, scan).1
    }
}
