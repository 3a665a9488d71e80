//! Answering asset queries.

mod selection;

pub use selection::{Group, NotSortable, PatchCounts, Selection, WrongEntity};
