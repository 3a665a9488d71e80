//! The query language: one small language for assets, patches, jobs, results and audit entries.
//!
//! A text is parsed ([`syntax`]), checked against the [`registry`] of fields with [`check`], and only
//! a [`Checked`] query can be run. [`interpret`] says what a query means, one record at a time; engines are
//! tested against it. Pure: time comes in as an argument.

mod check;
pub mod checked;
pub mod complete;
mod error;
mod explain;
mod interpret;
pub mod parse;
pub mod print;
mod record;
pub mod registry;
mod render;
pub mod syntax;
pub mod text;
mod truth;

pub use check::{Context, check, check_expr};
pub use checked::{Between, Checked, Node, Test};
pub use complete::{Completion, complete};
pub use error::QueryError;
pub use explain::{Explanation, explain};
pub use interpret::interpret;
pub use parse::parse;
pub use print::print;
pub use record::{Record, Value};
pub use registry::{Entity, Field, Relation};
pub use render::render;
pub use truth::Truth;
