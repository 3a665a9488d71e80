//! The command line, run as people run it: the real program against a whole server.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests end the test, as tests do")]

#[path = "../harness/mod.rs"]
mod harness;

mod asked;
mod bundles;
mod doctor;
mod documented;
mod fleet;
mod https;
mod lists;
mod session;
mod simulated;
mod terminal;
