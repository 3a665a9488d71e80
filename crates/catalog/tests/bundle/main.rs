//! Bundles of a catalog: what is exported is what is imported, and nothing else ever is.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test says what it expected and ends")]

mod fits;
mod hostile;
mod made;
mod round_trip;
