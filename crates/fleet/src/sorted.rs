//! In which order a list is.

fettle_model::text_enum! {
    /// Up or down.
    pub enum Direction {
        /// Least first.
        Ascending = "ascending",
        /// Greatest first.
        Descending = "descending",
    }
}

/// A column and a direction. Equal rows are ordered by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sorted<By> {
    /// Column.
    pub by: By,
    /// Direction.
    pub direction: Direction,
}

impl<By> Sorted<By> {
    /// Least first.
    pub fn ascending(by: By) -> Self {
        Self { by, direction: Direction::Ascending }
    }

    /// Greatest first.
    pub fn descending(by: By) -> Self {
        Self { by, direction: Direction::Descending }
    }
}
