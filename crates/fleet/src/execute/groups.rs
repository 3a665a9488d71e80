//! Sums over a selection and its parts, for widgets.

use super::plan::text_category;
use super::selection::Selection;
use super::texts::{flag_text, shown};
use crate::index::bits::{self, WORD};
use crate::index::classes::{LATEST_MISSING, LATEST_MISSING_SECURITY, MISSING};
use crate::index::dictionary::{Category, YES};
use crate::index::numbers::{BLOCK, Summary};
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::record::values;
use crate::scoped::Totals;
use fettle_model::asset::ScanStatus;
use fettle_query::registry::AssetField;
use std::collections::BTreeMap;

/// Assets with the same values of the fields they are grouped by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Group {
    /// How many assets.
    pub assets: u64,
    /// Sum of their missing patches.
    pub missing: u64,
    /// Sum of their missing patches that nothing supersedes.
    pub latest_missing: u64,
}

impl Group {
    fn add(&mut self, other: Self) {
        self.assets += other.assets;
        self.missing += other.missing;
        self.latest_missing += other.latest_missing;
    }
}

impl Selection {
    /// Assets grouped by some fields, by the texts of their values; an asset without a value has an empty
    /// text, one with several is in several groups. Ordered by these texts.
    #[must_use]
    pub fn group(&self, by: &[AssetField]) -> Vec<(Vec<String>, Group)> {
        let mut groups: BTreeMap<Vec<String>, Group> = BTreeMap::new();
        if by.iter().all(|&field| text_category(field).is_some() || flag_category(field).is_some()) {
            for (_, segment, rows) in self.segments() {
                self.split(segment, rows, by, &mut Vec::new(), &mut groups);
            }
        } else {
            self.group_rows(by, &mut groups);
        }
        groups.into_iter().collect()
    }

    /// Parts the rows by the first field, each part by the rest.
    fn split(&self, segment: &Segment, rows: &Plane, by: &[AssetField], key: &mut Vec<String>, groups: &mut BTreeMap<Vec<String>, Group>) {
        let Some((&field, rest)) = by.split_first() else {
            let sums = sums(segment, rows, [MISSING, LATEST_MISSING]);
            let group = Group { assets: rows.count().into(), missing: sums[0], latest_missing: sums[1] };
            groups.entry(key.clone()).or_default().add(group);
            return;
        };
        let mut left = rows.clone();
        let mut part = |text: String, plane: &Plane, left: &mut Plane| {
            let those = if plane.count() == segment.live.count() { rows.clone() } else { rows.clone().and(plane) };
            if those.is_empty() {
                return;
            }
            *left = std::mem::take(left).minus(&those);
            key.push(text);
            self.split(segment, &those, rest, key, groups);
            key.pop();
        };
        let none = match flag_category(field) {
            Some(category) => {
                if let Some(plane) = segment.categories.get(category, YES) {
                    part(flag_text(true).to_owned(), plane, &mut left);
                }
                flag_text(false)
            }
            None => {
                let category = text_category(field).unwrap_or(Category::OsName);
                for (number, plane) in segment.categories.all(category as usize) {
                    if let Some(text) = self.text(field, category, *number) {
                        part(text, plane, &mut left);
                    }
                }
                ""
            }
        };
        if !left.is_empty() {
            key.push(none.to_owned());
            self.split(segment, &left, rest, key, groups);
            key.pop();
        }
    }

    fn group_rows(&self, by: &[AssetField], groups: &mut BTreeMap<Vec<String>, Group>) {
        for row in self.places().filter_map(|place| self.row(place)) {
            let mut keys: Vec<Vec<String>> = vec![Vec::new()];
            for &field in by {
                let mut texts: Vec<String> = values(&row, field, self.scoped.reading()).iter().map(|value| shown(value, field)).collect();
                texts.sort_unstable();
                texts.dedup();
                if texts.is_empty() {
                    texts.push(String::new());
                }
                let longer =
                    |key: &Vec<String>| texts.iter().map(|text| [key.as_slice(), std::slice::from_ref(text)].concat()).collect::<Vec<_>>();
                keys = keys.iter().flat_map(longer).collect();
            }
            let group = Group { assets: 1, missing: row.counts.missing.into(), latest_missing: row.counts.latest_missing.into() };
            keys.into_iter().for_each(|key| groups.entry(key).or_default().add(group));
        }
    }

    /// Numbers over all of them.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { assets: self.count(), ..Totals::default() };
        totals.catalog_patches = u64::try_from(self.scoped.catalog().len()).unwrap_or(u64::MAX);
        for (number, count) in self.number_counts(Category::ScanStatus).iter() {
            if let Some(&status) = usize::try_from(number).ok().and_then(|at| ScanStatus::ALL.get(at)) {
                totals.scan_status.insert(status, count);
            }
        }
        totals.pending_reboot = self.number_counts(Category::RebootPending).of(YES);
        for (_, segment, rows) in self.segments() {
            let [latest, security] = sums(segment, rows, [LATEST_MISSING, LATEST_MISSING_SECURITY]);
            totals.latest_missing += latest;
            totals.latest_missing_security += security;
            totals.assets_missing += above_zero(segment, rows, LATEST_MISSING);
            totals.assets_missing_security += above_zero(segment, rows, LATEST_MISSING_SECURITY);
        }
        totals
    }
}

fn flag_category(field: AssetField) -> Option<Category> {
    match field {
        AssetField::AssessOnly => Some(Category::AssessOnly),
        AssetField::RebootPending => Some(Category::RebootPending),
        _ => None,
    }
}

/// Sums of counters over rows.
fn sums<const N: usize>(segment: &Segment, rows: &Plane, columns: [usize; N]) -> [u64; N] {
    columns.map(|column| fold(segment, rows, column, |summary| summary.sum.into(), bits::sum))
}

fn above_zero(segment: &Segment, rows: &Plane, column: usize) -> u64 {
    fold(segment, rows, column, |summary| summary.above_zero.into(), bits::count_above_zero)
}

/// Adds up what is made of the counters of each block: of whole blocks, or of the bits of selected rows.
fn fold(segment: &Segment, rows: &Plane, column: usize, whole: fn(Summary) -> u64, part: fn(&[u64], &[u16]) -> u64) -> u64 {
    if rows.count() == segment.live.count() {
        return segment.numbers.blocks().map(|block| whole(block.counts.summary(column))).sum();
    }
    let counts = |block: usize| segment.numbers.block(block).and_then(|block| block.counts.columns.get(column));
    match rows {
        Plane::Empty => 0,
        Plane::Few(rows) => {
            let count = |row: u16| counts(usize::from(row) / BLOCK)?.get(usize::from(row) % BLOCK).copied();
            rows.iter().filter_map(|&row| count(row)).map(|count| part(&[1], &alone(count))).sum()
        }
        Plane::Many(_, words) => {
            let blocks = words.chunks(BLOCK / WORD).enumerate();
            blocks.filter_map(|(at, words)| Some(part(words, counts(at)?))).sum()
        }
    }
}

/// A counter as the first of a group.
fn alone(count: u16) -> [u16; WORD] {
    let mut counts = [0; WORD];
    counts[0] = count;
    counts
}
