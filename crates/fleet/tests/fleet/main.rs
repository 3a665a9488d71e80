//! Assessment and lists, judged from outside the crate.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests stop where the test cannot go on")]

mod assessment;
mod judged_slowly;
mod listing;
mod made;
mod real_hosts;
mod replay;
mod revise;
mod snapshot;
mod supersedence;
mod why;
mod worlds;
