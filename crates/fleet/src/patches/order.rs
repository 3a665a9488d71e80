//! Lists of patches in the order of a field.

use super::columns::{Column, is_counted};
use super::selection::{AssetsOf, PatchSelection};
use crate::card::PatchRow;
use crate::execute::NotSortable;
use crate::page::{Cursor, Page, SortKey};
use crate::sorted::{Direction, Sorted};
use fettle_query::registry::{Entity, Key, PatchField, fields};

/// Where a patch stands in a list: by the field, then by id. Ascending in every list; for descending ones both
/// are turned around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stand {
    key: u64,
    id: u32,
    place: u32,
}

/// What a list is sorted by.
enum Order<'a> {
    Column(&'a Column),
    /// Number of assets, which is another for everybody who asks.
    Counted(fn(&AssetsOf) -> u64),
}

/// Doubles ranks, so that between two of them there is room for what the catalog no longer has.
fn between(rank: u64, exact: bool) -> u64 {
    rank.saturating_mul(2).saturating_add(u64::from(exact))
}

impl PatchSelection {
    /// A page of the sorted list.
    ///
    /// # Errors
    /// When lists cannot be sorted by the field.
    pub fn page(&self, sort: Sorted<PatchField>, after: Option<&Cursor>, limit: usize) -> Result<Page<PatchRow>, NotSortable> {
        let order = self.order(sort.by)?;
        let mut stands = self.stands(&order, sort.direction);
        if let Some(cursor) = after {
            let last = self.stand_of(cursor, &order, sort.direction);
            stands.retain(|stand| (stand.key, stand.id) > last);
        }
        let more = stands.len() > limit;
        if more {
            stands.select_nth_unstable(limit);
            stands.truncate(limit);
        }
        stands.sort_unstable();
        let next = stands.last().filter(|_| more).and_then(|last| self.cursor(*last, &order));
        let items = stands.iter().filter_map(|stand| self.row(stand.place as usize)).collect();
        Ok(Page { items, total: self.count(), next })
    }

    /// All rows, sorted, for exports. They are made one by one.
    ///
    /// # Errors
    /// When lists cannot be sorted by the field.
    pub fn rows(&self, sort: Sorted<PatchField>) -> Result<impl Iterator<Item = PatchRow> + use<>, NotSortable> {
        let mut stands = self.stands(&self.order(sort.by)?, sort.direction);
        stands.sort_unstable();
        let selection = self.clone();
        Ok(stands.into_iter().filter_map(move |stand| selection.row(stand.place as usize)))
    }

    fn order(&self, field: PatchField) -> Result<Order<'_>, NotSortable> {
        let known = fields(Entity::Patch).iter().find(|other| other.key == Key::Patch(field));
        if let Some(unsorted) = known.filter(|known| !known.sortable) {
            return Err(NotSortable { field: unsorted.name });
        }
        match field {
            PatchField::MissingCount => Ok(Order::Counted(|assets| assets.missing)),
            PatchField::InstalledCount => Ok(Order::Counted(|assets| assets.installed)),
            _ => match self.catalog().columns.column(field).filter(|_| !is_counted(field)) {
                Some(column) => Ok(Order::Column(column)),
                // A catalog without patches has no columns, and its lists no rows to be sorted.
                None => Ok(Order::Counted(|_| 0)),
            },
        }
    }

    fn stands(&self, order: &Order<'_>, direction: Direction) -> Vec<Stand> {
        let ids = &self.catalog().ids;
        let key = |place: usize| match order {
            Order::Column(column) => u64::from(column.ranks.get(place).copied().unwrap_or(0)),
            Order::Counted(count) => count(&self.assets_of(place)),
        };
        let stand = |place: usize| {
            let (key, id) = turned((between(key(place), true), double(ids.rank(place), true)), direction);
            Stand { key, id, place: u32::try_from(place).unwrap_or(u32::MAX) }
        };
        self.set().places().iter().map(stand).collect()
    }

    fn stand_of(&self, cursor: &Cursor, order: &Order<'_>, direction: Direction) -> (u64, u32) {
        let key = match order {
            Order::Column(column) => {
                let (rank, exact) = column.seek(cursor.key());
                between(rank.into(), exact)
            }
            Order::Counted(_) => match cursor.key() {
                SortKey::Number(count) => u64::try_from(*count).map_or(0, |count| between(count, true)),
                SortKey::Text(_) => u64::MAX,
            },
        };
        let (rank, exact) = self.catalog().ids.seek(self.catalog().all(), cursor.id());
        turned((key, double(rank, exact)), direction)
    }

    fn cursor(&self, last: Stand, order: &Order<'_>) -> Option<Cursor> {
        let place = last.place as usize;
        let key = match order {
            Order::Column(column) => column.sort_key(column.ranks.get(place).copied().unwrap_or(0)),
            Order::Counted(count) => SortKey::Number(i64::try_from(count(&self.assets_of(place))).unwrap_or(i64::MAX)),
        };
        let id = self.catalog().all().get(place)?.patch.id.as_str();
        Some(Cursor::new(key, id.to_owned()))
    }
}

fn double(rank: u32, exact: bool) -> u32 {
    rank.saturating_mul(2).saturating_add(u32::from(exact))
}

fn turned((key, id): (u64, u32), direction: Direction) -> (u64, u32) {
    match direction {
        Direction::Ascending => (key, id),
        Direction::Descending => (!key, !id),
    }
}
