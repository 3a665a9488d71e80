//! Lists of small numbers, one list after the other in one piece of memory.

/// For each row a list.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// Where each list begins, and where the last ends.
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Of pairs of row and item, ordered by row; rows are less than `rows`.
    pub(crate) fn of(rows: usize, pairs: &[(u32, u32)]) -> Self {
        let mut starts = vec![0_u32; rows + 1];
        for &(row, _) in pairs {
            if let Some(count) = starts.get_mut(row as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self { starts, items: pairs.iter().map(|&(_, item)| item).collect() }
    }

    /// The lists of several neighbouring rows, one after the other.
    pub(crate) fn span(&self, rows: std::ops::Range<usize>) -> &[u32] {
        let at = |row: usize| self.starts.get(row).map(|&start| start as usize);
        at(rows.start).zip(at(rows.end)).and_then(|(start, end)| self.items.get(start..end)).unwrap_or_default()
    }

    /// The list of one row.
    pub(crate) fn row(&self, row: usize) -> &[u32] {
        self.span(row..row + 1)
    }
}
