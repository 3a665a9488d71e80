//! The REST API as its clients see it: the real router over SQLite, with a clock that stands still.
//!
//! One binary for all of it, because linking the server takes longer than testing it. To test an operation,
//! add to the module of its resource; to add an operation, add what its path needs to `refusals.rs`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests end the test, as tests do")]

mod administration;
mod audit;
mod bundles;
mod chains;
mod client;
mod contents;
mod custom_patches;
mod dynamic_tags;
mod feed_syncs;
mod fleet;
mod jobs;
mod mirrors;
mod openapi;
mod queries;
mod query_help;
mod refusals;
mod requests;
mod results;
mod runs;
mod searches;
mod sessions;
mod unknown;
mod versions;
mod vulnerabilities;
mod world;

#[path = "../harness/mod.rs"]
mod harness;
