//! Lists that a query narrows: read in bounded batches, each of which the caller interprets row by row.
//!
//! Batches are statements of their own: a list that is read over several of them shows every row as it was at
//! some moment while it was read, and no row twice, because places in lists never change.

mod audit;
mod count;
mod jobs;
mod results;

pub use audit::{AuditColumn, AuditOrder, AuditPlace};
pub use results::{Jobs, PartOfRun, ResultPlace, ResultReader, RunHead, RunOrder};
