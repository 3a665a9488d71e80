//! How many assets of a selection have each value.

use super::plan::text_category;
use super::selection::Selection;
use super::texts::{flag_text, shown};
use crate::index::classes::of_latest_severity;
use crate::index::dictionary::{Category, NONE, YES};
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::record::values;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingStatus;
use fettle_model::ids::TagId;
use fettle_model::os::Platform;
use fettle_model::patch::Severity;
use fettle_query::registry::AssetField;
use std::collections::{BTreeMap, HashSet};

/// Assets by number of a category. Numbers of the dictionary are dense: they are given out again.
#[derive(Debug, Default)]
pub(crate) struct NumberCounts(Vec<u64>);

impl NumberCounts {
    /// The count of a number.
    pub(crate) fn of(&self, number: u32) -> u64 {
        usize::try_from(number).ok().and_then(|at| self.0.get(at)).copied().unwrap_or(0)
    }

    /// All counts that are not zero.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        (0..).zip(self.0.iter().copied()).filter(|(_, count)| *count > 0)
    }

    fn add(&mut self, number: u32, count: u64) {
        let Ok(at) = usize::try_from(number) else { return };
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        if let Some(sum) = self.0.get_mut(at) {
            *sum += count;
        }
    }
}

impl Selection {
    /// How many assets have each value of a field, as text; the most frequent first, then by text. Assets
    /// without a value are not counted, those with several values count for each. Flags are `yes` and `no`.
    #[must_use]
    pub fn facet(&self, field: AssetField) -> Vec<(String, u64)> {
        let counts = match (field, text_category(field)) {
            (AssetField::Tag, _) => self.tag_counts(),
            (AssetField::AssessOnly, _) => self.flag_counts(Category::AssessOnly),
            (AssetField::RebootPending, _) => self.flag_counts(Category::RebootPending),
            (_, Some(category)) => self.text_counts(field, category),
            (_, None) => self.slow_counts(field),
        };
        let mut counts: Vec<(String, u64)> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    /// How many assets miss (have) at least one patch of each vendor severity, superseded ones not counted;
    /// places as in [`Severity::ALL`].
    #[must_use]
    pub fn severity_facet(&self, status: FindingStatus) -> [u64; 5] {
        let mut counts = [0; 5];
        for (_, segment, rows) in self.segments() {
            for (count, &severity) in counts.iter_mut().zip(Severity::ALL) {
                let plane = segment.class(status, of_latest_severity(severity));
                *count += plane.map_or(0, |plane| u64::from(both(segment, plane, rows)));
            }
        }
        counts
    }

    /// How many assets have each number of a category.
    pub(crate) fn number_counts(&self, category: Category) -> NumberCounts {
        let mut counts = NumberCounts::default();
        for (_, segment, rows) in self.segments() {
            let planes = segment.categories.all(category as usize);
            if usize::try_from(rows.count()).is_ok_and(|rows| rows < planes.len()) && category != Category::TagAbove {
                count_cards(segment, rows, category, &mut counts);
                continue;
            }
            for (number, plane) in planes {
                counts.add(*number, both(segment, plane, rows).into());
            }
        }
        counts
    }

    fn text_counts(&self, field: AssetField, category: Category) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (number, count) in self.number_counts(category).iter() {
            if let Some(text) = self.text(field, category, number) {
                *counts.entry(text).or_default() += count;
            }
        }
        counts
    }

    /// The text of a number of a category, if it is a value of the field.
    pub(super) fn text(&self, field: AssetField, category: Category, number: u32) -> Option<String> {
        let at = usize::try_from(number).ok()?;
        match category {
            Category::Platform => Platform::ALL.get(at).map(ToString::to_string),
            Category::ScanStatus => ScanStatus::ALL.get(at).map(ToString::to_string),
            _ => {
                let term = self.scoped.view().dictionary.term(category, number)?;
                let is_version = matches!(field, AssetField::OsVersion | AssetField::OsBuild | AssetField::AgentVersion);
                (!is_version || term.version.is_some()).then(|| String::from(&*term.text))
            }
        }
    }

    fn flag_counts(&self, category: Category) -> BTreeMap<String, u64> {
        let yes = self.number_counts(category).of(YES);
        BTreeMap::from([(flag_text(true).to_owned(), yes), (flag_text(false).to_owned(), self.count() - yes)])
    }

    /// By name of the tag. Tags of the same name in different places count together, each asset once.
    fn tag_counts(&self) -> BTreeMap<String, u64> {
        let reading = self.scoped.reading();
        if reading.static_tags_only {
            return self.slow_counts(AssetField::Tag);
        }
        let view = self.scoped.view();
        let mut by_name: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let named = view.dictionary.tags().filter_map(|(number, tag): (u32, TagId)| Some((number, reading.tags.name(tag)?)));
        named.for_each(|(number, name)| by_name.entry(name).or_default().push(number));
        let above = view.segments.iter().flat_map(|segment| segment.categories.all(Category::TagAbove as usize));
        let above: HashSet<u32> = above.map(|(number, _)| *number).collect();
        let carried = self.number_counts(Category::Tag);
        let count = |numbers: &[u32]| match numbers {
            // Most tags have a name of their own and none below them.
            [number] if !above.contains(number) => carried.of(*number),
            several => self.segments().map(|(_, segment, rows)| u64::from(carriers(segment, several, rows))).sum(),
        };
        by_name.iter().map(|(name, numbers)| ((*name).to_owned(), count(numbers))).collect()
    }

    /// Reads every row.
    fn slow_counts(&self, field: AssetField) -> BTreeMap<String, u64> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for row in self.places().filter_map(|place| self.row(place)) {
            let mut texts: Vec<String> = values(&row, field, self.scoped.reading()).iter().map(|value| shown(value, field)).collect();
            texts.sort_unstable();
            texts.dedup();
            texts.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
        }
        counts
    }
}

/// Adds the numbers on the cards of some rows: with fewer rows than planes that is less work.
fn count_cards(segment: &Segment, rows: &Plane, category: Category, counts: &mut NumberCounts) {
    for card in rows.iter().filter_map(|row| segment.packed(row)) {
        match category {
            Category::Tag => card.codes().into_iter().flat_map(|codes| codes.tags).for_each(|tag| counts.add(tag, 1)),
            _ => card.code(category as usize).filter(|&number| number != NONE).into_iter().for_each(|number| counts.add(number, 1)),
        }
    }
}

/// How many rows a plane and a selection have in common; a plane of all rows is the selection.
pub(super) fn both(segment: &Segment, plane: &Plane, rows: &Plane) -> u32 {
    let live = segment.live.count();
    if plane.count() == live {
        rows.count()
    } else if rows.count() == live {
        plane.count()
    } else {
        plane.count_and(rows)
    }
}

/// How many rows carry one of these tags or one below them.
fn carriers(segment: &Segment, tags: &[u32], rows: &Plane) -> u32 {
    let planes = tags.iter().flat_map(|&tag| [Category::Tag, Category::TagAbove].map(|category| segment.categories.get(category, tag)));
    let planes: Vec<&Plane> = planes.flatten().collect();
    match planes.as_slice() {
        [] => 0,
        [one] => both(segment, one, rows),
        several => both(segment, &several.iter().fold(Plane::Empty, |union, plane| union.or(plane)), rows),
    }
}
