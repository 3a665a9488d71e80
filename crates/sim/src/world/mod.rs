//! The pretended world: releases, software with its history of updates, and machines.

pub mod history;
pub mod machine;
pub mod release;
pub mod software;

use history::History;
use release::Release;

/// The world of one seed.
#[derive(Debug)]
pub struct World {
    seed: u64,
    history: History,
}

impl World {
    /// The world that follows from a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self { seed, history: History::of(seed) }
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Which updates there were.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The source package and its version that a binary package at a version was built from.
    #[must_use]
    pub fn source_of(&self, release: Release, binary: &str) -> Option<&'static software::Source> {
        software::SOURCES.iter().find(|source| source.binaries(release).any(|(name, _)| name == binary))
    }
}
