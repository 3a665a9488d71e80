//! What lists are sorted by.

use super::plan::text_category;
use super::range::Column;
use super::selection::Selection;
use super::texts::known;
use crate::index::dictionary::{Category, Term, YES};
use crate::index::place::Place;
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::page::SortKey;
use crate::record::is_online;
use fettle_model::ids::AssetId;
use fettle_query::registry::AssetField;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// A field that lists cannot be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("lists cannot be sorted by {field}; choose a field with one value per record")]
pub struct NotSortable {
    /// Name of the field.
    pub field: &'static str,
}

/// How the rows of a list are put in order. Rows with equal keys follow by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// By a number.
    Number(Column),
    /// By the value in a category.
    Value(AssetField, Category),
    /// By id alone.
    Id,
    /// By folded name.
    Name,
    /// By something else on the card.
    Card(AssetField),
}

/// The key of rows without a value: before all others.
const NO_VALUE: SortKey<'static> = SortKey::Number(i64::MIN);

/// Rows with the same key.
pub(super) enum Those {
    /// With one of these numbers.
    With(Vec<u32>),
    /// With any other number, or none.
    Others,
}

impl Order {
    /// The order by a field.
    pub(super) fn by(field: AssetField) -> Result<Self, NotSortable> {
        if let Some(known) = known(field).filter(|known| !known.sortable) {
            return Err(NotSortable { field: known.name });
        }
        Ok(match field {
            AssetField::Name => Self::Name,
            AssetField::AgentId | AssetField::Licensed => Self::Id,
            AssetField::AssessOnly => Self::Value(field, Category::AssessOnly),
            AssetField::RebootPending => Self::Value(field, Category::RebootPending),
            _ => match (text_category(field), Column::of(field)) {
                (Some(category), _) => Self::Value(field, category),
                (None, Some(column)) => Self::Number(column),
                (None, None) => Self::Card(field),
            },
        })
    }
}

/// A folded name as key, cut as all keys are.
pub(super) fn name_key(folded: &str) -> SortKey<'_> {
    SortKey::text(folded)
}

/// The rows of a segment by folded name, then id.
pub(super) fn by_name(segment: &Segment) -> &Arc<[u16]> {
    segment.by_name.get_or_init(|| {
        let named = |row| Some((name_key(segment.packed(row)?.folded), segment.numbers.id(row)?, row));
        let mut order: Vec<(SortKey<'_>, AssetId, u16)> = segment.live.iter().filter_map(named).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, _, row)| row).collect()
    })
}

impl Selection {
    /// The keys of a category in ascending order, each with the numbers that have it.
    pub(super) fn keys(&self, field: AssetField, category: Category) -> Vec<(SortKey<'static>, Those)> {
        let place = |number: u32| (SortKey::Number(number.into()), Those::With(vec![number]));
        match category {
            Category::AssessOnly | Category::RebootPending => {
                vec![(SortKey::Number(0), Those::Others), (SortKey::Number(1), Those::With(vec![YES]))]
            }
            Category::Platform | Category::ScanStatus => {
                let members = if category == Category::Platform { 2 } else { fettle_model::asset::ScanStatus::ALL.len() };
                std::iter::once((NO_VALUE, Those::Others)).chain((0..).take(members).map(place)).collect()
            }
            _ => {
                let mut keys: BTreeMap<SortKey<'static>, Vec<u32>> = BTreeMap::new();
                for (number, term) in self.scoped.view().dictionary.terms(category) {
                    if let Some(key) = term_key(term, field) {
                        keys.entry(key).or_default().push(number);
                    }
                }
                let with = keys.into_iter().map(|(key, numbers)| (key, Those::With(numbers)));
                std::iter::once((NO_VALUE, Those::Others)).chain(with).collect()
            }
        }
    }

    /// The selected rows of a segment with a key.
    pub(super) fn those(
        &self,
        segment: &Segment,
        rows: &Plane,
        category: Category,
        those: &Those,
        keys: &[(SortKey<'static>, Those)],
    ) -> Plane {
        let union = |numbers: &[u32]| {
            let planes = numbers.iter().filter_map(|&number| segment.categories.get(category, number));
            planes.fold(Plane::Empty, Plane::or)
        };
        match those {
            Those::With(numbers) => rows.clone().and(&union(numbers)),
            Those::Others => {
                let with = keys.iter().map(|(_, those)| match those {
                    Those::With(numbers) => union(numbers),
                    Those::Others => Plane::Empty,
                });
                rows.clone().minus(&with.fold(Plane::Empty, |all, plane| all.or(&plane)))
            }
        }
    }

    /// The key of one row.
    pub(super) fn key(&self, order: Order, place: Place) -> Option<SortKey<'_>> {
        let segment = self.scoped.view().segment(place)?;
        let folded = |text: &str| SortKey::text(&fettle_query::text::fold(text)).into_owned();
        Some(match order {
            Order::Name => name_key(segment.packed(place.row)?.folded),
            Order::Card(AssetField::LastLoggedOnUser) => segment.packed(place.row)?.user.map_or(NO_VALUE, folded),
            Order::Card(AssetField::Serial) => match segment.packed(place.row)?.interfaces()?.serial {
                "" => NO_VALUE,
                serial => folded(serial),
            },
            Order::Card(AssetField::Online) => {
                SortKey::Number(i64::from(is_online(segment.numbers.seen(place.row), self.scoped.reading().now)))
            }
            Order::Card(_) | Order::Id | Order::Number(_) | Order::Value(..) => NO_VALUE,
        })
    }
}

fn term_key(term: &Term, field: AssetField) -> Option<SortKey<'static>> {
    if !matches!(field, AssetField::OsVersion | AssetField::OsBuild | AssetField::AgentVersion) {
        return Some(SortKey::text(&term.folded).into_owned());
    }
    let version = term.version.as_ref()?;
    let mut key = String::new();
    for byte in version.sort_key() {
        write!(key, "{byte:02x}").ok()?;
    }
    Some(SortKey::Text(Cow::Owned(key)).cut())
}
