//! A byte string per row, sixteen to a page: a changed row copies one page, not a pointer per row.

use super::chunks::Chunks;
use std::sync::Arc;

/// Rows of one page.
pub(crate) const PAGE: usize = 16;
/// Pages whose pointers lie together.
const CHUNK: usize = 16;

/// Byte strings by row; a row that was never written is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByteRows(Chunks<Arc<Page>, CHUNK>);

#[derive(Debug, Clone)]
struct Page {
    /// Where each row ends.
    ends: [u32; PAGE],
    bytes: Vec<u8>,
}

impl Default for Page {
    fn default() -> Self {
        Self { ends: [0; PAGE], bytes: Vec::new() }
    }
}

impl Page {
    fn range(&self, at: usize) -> std::ops::Range<usize> {
        let end = |at: usize| self.ends.get(at).map_or(0, |&end| usize::try_from(end).unwrap_or(usize::MAX));
        at.checked_sub(1).map_or(0, end)..end(at)
    }
}

impl ByteRows {
    /// The bytes of a row.
    pub(crate) fn get(&self, row: u16) -> &[u8] {
        let row = usize::from(row);
        self.0.get(row / PAGE).and_then(|page| page.bytes.get(page.range(row % PAGE))).unwrap_or_default()
    }

    /// Where each row of a page ends, and the bytes of all of them.
    pub(crate) fn page(&self, at: usize) -> (&[u32; PAGE], &[u8]) {
        self.0.get(at).map_or((&[0; PAGE], &[]), |page| (&page.ends, &page.bytes))
    }

    /// Appends a page. The ends must ascend, the last being that of the bytes; else it is refused.
    pub(crate) fn push_page(&mut self, ends: [u32; PAGE], bytes: &[u8]) -> bool {
        let is_whole = ends.is_sorted() && ends.last().is_some_and(|&last| usize::try_from(last) == Ok(bytes.len()));
        if is_whole {
            self.0.push(Arc::new(Page { ends, bytes: bytes.to_vec() }));
        }
        is_whole
    }

    /// Replaces the bytes of a row.
    pub(crate) fn put(&mut self, row: u16, bytes: &[u8]) {
        let row = usize::from(row);
        while self.0.len() <= row / PAGE {
            self.0.push(Arc::default());
        }
        let Some(page) = self.0.get_mut(row / PAGE) else { return };
        let range = page.range(row % PAGE);
        if Arc::get_mut(page).is_none() {
            // Copied with the change in it, so that no byte is moved twice.
            let (before, behind) = (page.bytes.get(..range.start).unwrap_or_default(), page.bytes.get(range.end..).unwrap_or_default());
            *page = Arc::new(Page { ends: page.ends, bytes: [before, bytes, behind].concat() });
        } else {
            let page = Arc::make_mut(page);
            // No more than is needed: a page is written a few times and kept for long.
            page.bytes.reserve_exact(bytes.len().saturating_sub(range.len()));
            page.bytes.splice(range.clone(), bytes.iter().copied());
        }
        let (old, new) = (u32::try_from(range.len()).unwrap_or(0), u32::try_from(bytes.len()).unwrap_or(0));
        for end in Arc::make_mut(page).ends.iter_mut().skip(row % PAGE) {
            *end = *end - old + new;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn rows_are_what_was_put_last(puts in proptest::collection::vec((0_u16..300, proptest::collection::vec(any::<u8>(), 0..20), any::<bool>()), 0..100)) {
            let mut rows = ByteRows::default();
            let mut expected: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
            let mut older = Vec::new();
            for (row, bytes, keep) in puts {
                if keep {
                    older.push((rows.clone(), expected.clone()));
                }
                rows.put(row, &bytes);
                expected.insert(row, bytes);
            }
            older.push((rows, expected));
            for (rows, expected) in older {
                for row in 0..320 {
                    prop_assert_eq!(rows.get(row), expected.get(&row).map_or(&[][..], |bytes| bytes));
                }
            }
        }
    }
}
