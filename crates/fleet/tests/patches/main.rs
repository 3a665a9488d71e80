//! Queries over patches, judged from outside the crate.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests stop where the test cannot go on")]

mod lists;
mod made;
mod meaning;
mod questions;
