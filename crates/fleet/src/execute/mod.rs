//! Answering asset queries.
//!
//! [`plan`] prepares a query once, [`evaluate`] answers it segment by segment with what [`literals`], [`range`],
//! [`union`] and [`rows`] read, and the [`Selection`] that results is what lists ([`pages`]), facets ([`facets`]),
//! sums ([`groups`]) and counts per patch ([`counts`]) are made from.

pub(crate) mod counts;
mod evaluate;
mod facets;
mod groups;
mod literals;
mod order;
mod pages;
mod plan;
mod range;
mod rows;
mod selection;
mod texts;
mod union;

pub use counts::PatchCounts;
pub use groups::Group;
pub use order::NotSortable;
pub use selection::{Selection, WrongEntity};
