//! The world's updates as a signed archive: `dists/…/InRelease`, `Packages.xz` with by-hash, and advisories.
//!
//! The layout is that of a Debian archive, without the packages themselves: nothing is ever installed from
//! it. The real catalog import reads it and gives the fleet something to miss.

mod advisories;
mod archive;
mod signing;

pub use archive::{Archive, ArchiveError, FeedSketch, SourceSketch};
