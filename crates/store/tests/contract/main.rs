//! The contract of the store: one set of tests, run on SQLite and on PostgreSQL.
//!
//! PostgreSQL is found by `FETTLE_TEST_POSTGRES=postgres://…`, which `cargo xtask test` sets; without it that
//! half fails, so that nobody believes it ran. `FETTLE_TEST_POSTGRES=skip` leaves it out.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what it expected and ends")]

mod access;
mod bundles;
mod catalog;
mod concurrency;
mod custom_patches;
mod enrolment;
mod fleet;
mod jobs;
mod killed;
mod lists;
mod log;
mod mirrors;
mod queries;
mod runs;
mod scans;
mod searches;
mod tags;
mod upkeep;
mod vulnerabilities;
mod world;
