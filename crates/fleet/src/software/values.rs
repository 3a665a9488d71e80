//! Names and versions of packages that occur on some machines, to suggest them.

use super::{SoftwareList, SoftwareTable};
use crate::execute::Selection;
use fettle_query::registry::SoftwareField;
use std::collections::{BTreeMap, HashSet};

/// Assets looked at for their lists: telling that a list was seen before takes some ten nanoseconds.
const ASSETS: usize = 200_000;
/// Different lists read. Each has about a thousand packages, so that these take some ten milliseconds: as long as
/// somebody who writes a query may wait at every key. What only further machines have is not suggested; it can be
/// asked for nonetheless.
const LISTS: usize = 2_000;

impl Selection {
    /// Values of a field of the packages on these assets, with the number of different package lists that have one,
    /// the most frequent first. Only values that `fits` accepts, and at most `most`. Looks at a bounded number of lists:
    /// right for suggestions, not for counting.
    pub fn software_values(&self, field: SoftwareField, fits: impl Fn(&str) -> bool, most: usize) -> Vec<(String, u64)> {
        let mut seen = HashSet::new();
        let lists = self.software().take(ASSETS).filter(|list| seen.insert(list.id()));
        let numbers = self.table().in_lists(lists.take(LISTS));
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (system, counted) in self.table().systems().iter().zip(numbers) {
            let packages = system.packages();
            for ((_, package), lists) in packages.iter().zip(counted).filter(|(_, lists)| *lists > 0) {
                let value = match field {
                    SoftwareField::Name => package.name,
                    SoftwareField::Version => package.version,
                    SoftwareField::Publisher => package.source,
                };
                if value.is_empty() || !fits(value) {
                    continue;
                }
                match counts.get_mut(value) {
                    Some(count) => *count += lists,
                    None => _ = counts.insert(value.to_owned(), lists),
                }
            }
        }
        let mut values: Vec<(String, u64)> = counts.into_iter().collect();
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        values.truncate(most);
        values
    }
}

impl SoftwareTable {
    /// By kind of system and number of a package, how many of these lists have it.
    fn in_lists<'a>(&self, lists: impl Iterator<Item = &'a SoftwareList>) -> Vec<Vec<u64>> {
        let mut counted: Vec<Vec<u64>> = Vec::new();
        let kept = self.lists();
        for list in lists {
            let system = usize::from(list.0.system);
            if counted.len() <= system {
                counted.resize_with(system + 1, Vec::new);
            }
            let (Some(counts), Some(numbers)) = (counted.get_mut(system), kept.numbers_of(list)) else { continue };
            for number in numbers.into_iter().filter_map(|number| usize::try_from(number).ok()) {
                if counts.len() <= number {
                    counts.resize(number + 1, 0);
                }
                if let Some(count) = counts.get_mut(number) {
                    *count += 1;
                }
            }
        }
        counted
    }
}
