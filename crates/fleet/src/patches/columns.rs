//! All fields of all patches of a catalog, by field. Made once for each catalog.

use super::bits::Bits;
use super::ordered::Ordered;
use super::record::PatchRecord;
use super::texts::{Texts, TextsBuilder};
use crate::catalog::Catalog;
use crate::page::SortKey;
use fettle_query::registry::{Entity, Field, Key, Kind, PatchField, fields};
use fettle_query::{Test, Value};
use jiff::Timestamp;

/// The fields of a catalog.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    places: usize,
    /// By [`PatchField`] as a number.
    columns: Vec<Column>,
}

/// One field.
#[derive(Debug, Default)]
pub(crate) struct Column {
    pub(crate) values: Values,
    /// Patches that have a value.
    pub(crate) present: Bits,
    /// By place: where the patch stands when sorted, the same for equal values, 0 without a value. Empty for
    /// fields that lists cannot be sorted by.
    pub(crate) ranks: Vec<u32>,
}

/// The values of a field.
#[derive(Debug, Default)]
pub(crate) enum Values {
    /// No patch of any catalog has one, or they depend on who asks.
    #[default]
    None,
    /// Texts.
    Texts(Box<Texts>),
    /// Numbers and sizes.
    Numbers(Ordered<f64>),
    /// Moments.
    Moments(Ordered<Timestamp>),
    /// For each choice, or for no and yes, those that have it.
    Choices(Vec<Bits>),
}

/// Whether a field says how many assets miss or have a patch, so that its values depend on who asks.
pub(crate) fn is_counted(field: PatchField) -> bool {
    matches!(field, PatchField::Status | PatchField::MissingCount | PatchField::InstalledCount)
}

impl Columns {
    pub(crate) fn build(catalog: &Catalog) -> Self {
        let mut columns = Vec::new();
        for field in fields(Entity::Patch) {
            let Key::Patch(key) = field.key else { continue };
            let at = key as usize;
            if columns.len() <= at {
                columns.resize_with(at + 1, Column::default);
            }
            if let Some(column) = columns.get_mut(at).filter(|_| !is_counted(key)) {
                *column = Column::build(catalog, field, key);
            }
        }
        Self { places: catalog.len(), columns }
    }

    /// How many patches there are.
    pub(crate) fn places(&self) -> usize {
        self.places
    }

    pub(crate) fn column(&self, field: PatchField) -> Option<&Column> {
        self.columns.get(field as usize)
    }
}

impl Column {
    fn build(catalog: &Catalog, field: &Field, key: PatchField) -> Self {
        let mut values = Collected::new(field.kind, catalog.len());
        let mut present = Bits::none(catalog.len());
        for (place, entry) in (0_u32..).zip(catalog.entries()) {
            for value in (PatchRecord { catalog, entry, missing: 0, installed: 0 }).values_of(key) {
                present.insert(place as usize);
                values.add(place, value);
            }
        }
        let mut column = Self { values: values.finish(), present, ranks: Vec::new() };
        if field.sortable {
            column.ranks = column.rank(catalog.len());
        }
        column
    }

    fn rank(&self, places: usize) -> Vec<u32> {
        let mut ranks = vec![0; places];
        let mut set = |place: u32, rank: usize| {
            // A patch with several values stands where the least stands.
            if let Some(slot) = ranks.get_mut(place as usize).filter(|slot| **slot == 0) {
                *slot = u32::try_from(rank + 1).unwrap_or(u32::MAX);
            }
        };
        match &self.values {
            Values::None => {}
            Values::Texts(texts) => {
                let keys: Vec<SortKey<'_>> = texts.values().iter().map(SortKey::text).collect();
                texts.holders().zip(starts(&keys)).for_each(|((_, places), rank)| places.iter().for_each(|&place| set(place, rank)));
            }
            Values::Numbers(numbers) => {
                let keys: Vec<i64> = numbers.sorted().iter().map(|&(number, _)| number_key(number)).collect();
                numbers.sorted().iter().zip(starts(&keys)).for_each(|(&(_, place), rank)| set(place, rank));
            }
            Values::Moments(moments) => {
                let keys: Vec<i64> = moments.sorted().iter().map(|&(at, _)| at.as_microsecond()).collect();
                moments.sorted().iter().zip(starts(&keys)).for_each(|(&(_, place), rank)| set(place, rank));
            }
            Values::Choices(choices) => {
                choices.iter().enumerate().for_each(|(rank, those)| those.iter().for_each(|place| set(place as u32, rank)));
            }
        }
        ranks
    }

    /// What a cursor keeps of a patch's value: it is understood by other catalogs, too, where ranks differ.
    pub(crate) fn sort_key(&self, rank: u32) -> SortKey<'_> {
        let Some(at) = rank.checked_sub(1).map(|at| at as usize) else { return SortKey::Number(i64::MIN) };
        match &self.values {
            Values::Texts(texts) => Some(SortKey::text(texts.values().get(at))).filter(|_| at < texts.values().len()),
            Values::Numbers(numbers) => numbers.sorted().get(at).map(|&(number, _)| SortKey::Number(number_key(number))),
            Values::Moments(moments) => moments.sorted().get(at).map(|&(moment, _)| SortKey::Number(moment.as_microsecond())),
            Values::Choices(_) => i64::try_from(at).ok().map(SortKey::Number),
            Values::None => None,
        }
        .unwrap_or(SortKey::Number(i64::MIN))
    }

    /// Where a sort key stands among the values: the rank of equal values, or that of the next greater and
    /// false.
    pub(crate) fn seek(&self, key: &SortKey<'_>) -> (u32, bool) {
        let greatest = match &self.values {
            Values::Texts(texts) => texts.values().len(),
            Values::Numbers(numbers) => numbers.sorted().len(),
            Values::Moments(moments) => moments.sorted().len(),
            Values::Choices(choices) => choices.len(),
            Values::None => 0,
        };
        // Ranks are not dense, but keys ascend with every number between two ranks.
        let mut range = 0..u32::try_from(greatest).unwrap_or(u32::MAX).saturating_add(1);
        while range.start < range.end {
            let middle = range.start + (range.end - range.start) / 2;
            if self.sort_key(middle) < *key { range.start = middle + 1 } else { range.end = middle }
        }
        (range.start, self.sort_key(range.start) == *key)
    }
}

/// For each of some ascending keys the position of the first that equals it.
fn starts<T: PartialEq>(keys: &[T]) -> impl Iterator<Item = usize> {
    let mut start = 0;
    (0..keys.len()).map(move |at| {
        if keys.get(start) != keys.get(at) {
            start = at;
        }
        start
    })
}

/// A number that orders as the float does: the bits of positive floats ascend, those of negative ones descend.
pub(crate) fn number_key(number: f64) -> i64 {
    // Positive and negative zero are the same number.
    let bits = (number + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// Values of one field while they are collected.
enum Collected<'a> {
    Texts(TextsBuilder<'a>),
    Numbers(Vec<(f64, u32)>),
    Moments(Vec<(Timestamp, u32)>),
    Choices(Vec<Bits>),
    /// A kind that no field of patches has.
    Nothing,
}

impl<'a> Collected<'a> {
    fn new(kind: Kind, places: usize) -> Self {
        match kind {
            Kind::Text => Self::Texts(TextsBuilder::default()),
            Kind::Number | Kind::Size => Self::Numbers(Vec::new()),
            Kind::Moment => Self::Moments(Vec::new()),
            Kind::Flag => Self::Choices(vec![Bits::none(places); 2]),
            Kind::Choice { members, .. } => Self::Choices(vec![Bits::none(places); members.len()]),
            Kind::Version | Kind::Address => Self::Nothing,
        }
    }

    fn add(&mut self, place: u32, value: Value<'a>) {
        match (self, value) {
            (Self::Texts(texts), Value::Text(text)) => texts.add(place, text),
            (Self::Numbers(numbers), Value::Number(number)) => numbers.push((number, place)),
            (Self::Moments(moments), Value::Moment(at)) => moments.push((at, place)),
            (Self::Choices(choices), Value::Flag(flag)) => insert(choices, usize::from(flag), place),
            (Self::Choices(choices), Value::Choice(choice)) => insert(choices, choice, place),
            _ => {}
        }
    }

    fn finish(self) -> Values {
        match self {
            Self::Texts(texts) => Values::Texts(Box::new(texts.build())),
            Self::Numbers(numbers) => Values::Numbers(Ordered::of(numbers)),
            Self::Moments(moments) => Values::Moments(Ordered::of(moments)),
            Self::Choices(choices) => Values::Choices(choices),
            Self::Nothing => Values::None,
        }
    }
}

fn insert(choices: &mut [Bits], choice: usize, place: u32) {
    if let Some(those) = choices.get_mut(choice) {
        those.insert(place as usize);
    }
}

impl Values {
    /// Adds the patches with a value that passes. `Null`, `Present` and lists are not asked of values.
    pub(crate) fn passing(&self, test: &Test, out: &mut Bits) {
        match (test, self) {
            (Test::Text(text), Self::Texts(texts)) => texts.matching(text, out),
            (Test::Number(between), Self::Numbers(numbers)) => numbers.add(numbers.span(between), out),
            (Test::Moment(between), Self::Moments(moments)) => moments.add(moments.span(between), out),
            (Test::Flag(flag), Self::Choices(choices)) => choices.get(usize::from(*flag)).into_iter().for_each(|those| out.or(those)),
            (Test::Choice(between), Self::Choices(choices)) => {
                let within = choices.iter().enumerate().filter(|(choice, _)| between.contains(choice));
                within.for_each(|(_, those)| out.or(those));
            }
            _ => {}
        }
    }
}
