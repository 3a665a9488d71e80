//! Which packages each row has.

use super::chunks::Chunks;
use crate::software::SoftwareList;
use std::sync::Arc;

/// Rows whose lists are copied together.
const PAGE: usize = 64;

/// Lists by row; `None` where nothing is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct SoftwareRows(Chunks<Arc<Vec<Option<SoftwareList>>>, 16>);

impl SoftwareRows {
    /// The list of a row.
    pub(crate) fn get(&self, row: u16) -> Option<&SoftwareList> {
        let row = usize::from(row);
        self.0.get(row / PAGE)?.get(row % PAGE)?.as_ref()
    }

    /// Replaces the list of a row.
    pub(crate) fn put(&mut self, row: u16, list: Option<SoftwareList>) {
        if self.get(row) == list.as_ref() {
            return;
        }
        let row = usize::from(row);
        while self.0.len() <= row / PAGE {
            self.0.push(Arc::new(vec![None; PAGE]));
        }
        if let Some(slot) = self.0.get_mut(row / PAGE).and_then(|page| Arc::make_mut(page).get_mut(row % PAGE)) {
            *slot = list;
        }
    }
}
