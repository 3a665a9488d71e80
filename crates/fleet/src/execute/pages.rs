//! Sorted pages of a selection, each from what keeps its order cheap: numbers from their column, values from
//! their planes, names from an order that is kept with each segment.

use super::order::{NotSortable, Order, by_name, name_key};
use super::range::Column;
use super::selection::Selection;
use crate::card::AssetRow;
use crate::index::bits::{self, WORD, rows_of};
use crate::index::dictionary::Category;
use crate::index::numbers::BLOCK;
use crate::index::place::Place;
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::page::{Candidate, Cursor, Page, SortKey, cut};
use crate::sorted::{Direction, Sorted};
use fettle_model::ids::AssetId;
use fettle_query::registry::AssetField;
use std::collections::BinaryHeap;

/// A segment where one row in so many is selected is read from its kept order; otherwise its rows are sorted.
const FEW: u32 = 16;

/// A row on a page, with the key it is sorted by.
type Keyed = (SortKey<'static>, AssetId, Place);

impl Selection {
    /// A page of the sorted list.
    ///
    /// # Errors
    /// When lists cannot be sorted by the field.
    pub fn page(&self, sort: Sorted<AssetField>, after: Option<&Cursor>, limit: usize) -> Result<Page<AssetRow>, NotSortable> {
        let wanted = Wanted { direction: sort.direction, after, most: limit.saturating_add(1) };
        let mut rows = match Order::by(sort.by)? {
            Order::Number(column) => self.by_number(Some(column), wanted),
            Order::Id => self.by_number(None, wanted),
            Order::Value(field, category) => self.by_value(field, category, wanted),
            Order::Name => self.by_name(wanted),
            order @ Order::Card(_) => self.by_card(order, wanted),
        };
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|(key, id, _)| Cursor::new(key.clone(), id.to_string()));
        let items = rows.into_iter().filter_map(|(_, _, place)| self.row(place)).collect();
        Ok(Page { items, total: self.count(), next })
    }

    /// All rows, sorted, for exports. Keeps places only, and reads rows as it goes.
    ///
    /// # Errors
    /// When lists cannot be sorted by the field.
    pub fn rows(&self, sort: Sorted<AssetField>) -> Result<impl Iterator<Item = AssetRow> + use<>, NotSortable> {
        let everything = Wanted { direction: sort.direction, after: None, most: usize::MAX };
        let places: Vec<Place> = match Order::by(sort.by)? {
            Order::Number(column) => self.numbered(Some(column), sort.direction),
            Order::Id => self.numbered(None, sort.direction),
            Order::Value(field, category) => self.by_value(field, category, everything).into_iter().map(|(_, _, place)| place).collect(),
            Order::Name => self.named(sort.direction),
            order @ Order::Card(_) => self.by_card(order, everything).into_iter().map(|(_, _, place)| place).collect(),
        };
        let selection = self.clone();
        Ok(places.into_iter().filter_map(move |place| selection.row(place)))
    }

    /// Reads the keys of all rows.
    fn by_card(&self, order: Order, wanted: Wanted<'_>) -> Vec<Keyed> {
        let candidates = self.places().filter_map(|place| {
            let id = self.scoped.view().segment(place)?.numbers.id(place.row)?;
            Some(Candidate { key: self.key(order, place)?, id, row: (id, place) })
        });
        let page = cut(candidates, wanted.direction, wanted.after, wanted.most);
        page.items.into_iter().filter_map(|(id, place)| Some((self.key(order, place)?.into_owned(), id, place))).collect()
    }

    /// Key by key, until there are enough.
    fn by_value(&self, field: AssetField, category: Category, wanted: Wanted<'_>) -> Vec<Keyed> {
        let keys = self.keys(field, category);
        let mut order: Vec<usize> = (0..keys.len()).collect();
        if wanted.direction == Direction::Descending {
            order.reverse();
        }
        let mut rows = Vec::new();
        for (key, those) in order.into_iter().filter_map(|at| keys.get(at)) {
            if wanted.most <= rows.len() || !wanted.reaches(key) {
                continue;
            }
            let mut best = Best::new(wanted.most - rows.len(), wanted, Some(key));
            for (at, segment, selected) in self.segments() {
                for row in self.those(segment, selected, category, those, &keys).iter() {
                    best.offer(0, segment, Place { segment: at, row });
                }
            }
            rows.extend(best.finish().into_iter().map(|(_, id, place)| (key.clone(), id, place)));
        }
        rows
    }

    /// From a column, or by id alone.
    fn by_number(&self, column: Option<Column>, wanted: Wanted<'_>) -> Vec<Keyed> {
        let mut best = Best::new(wanted.most, wanted, None);
        for (at, segment, rows) in self.segments() {
            match rows {
                Plane::Empty => {}
                Plane::Few(rows) => {
                    rows.iter().for_each(|&row| best.offer(read(column, segment, row), segment, Place { segment: at, row }));
                }
                Plane::Many(_, words) => best.scan(column, segment, at, words),
            }
        }
        best.finish().into_iter().map(|(key, id, place)| (SortKey::Number(key), id, place)).collect()
    }

    fn numbered(&self, column: Option<Column>, direction: Direction) -> Vec<Place> {
        let keyed = |place: Place| {
            let segment = self.scoped.view().segment(place)?;
            Some((read(column, segment, place.row), segment.numbers.id(place.row)?, place))
        };
        sorted(self.places().filter_map(keyed), direction)
    }

    fn named(&self, direction: Direction) -> Vec<Place> {
        let keyed = |place: Place| {
            let segment = self.scoped.view().segment(place)?;
            Some((name_key(segment.packed(place.row)?.folded), segment.numbers.id(place.row)?, place))
        };
        sorted(self.places().filter_map(keyed), direction)
    }

    /// From each segment as many as are wanted, then the first of all.
    fn by_name(&self, wanted: Wanted<'_>) -> Vec<Keyed> {
        let mut rows: Vec<(SortKey<'_>, AssetId, Place)> = Vec::new();
        for (at, segment, selected) in self.segments() {
            let keyed = |row: u16| Some((name_key(segment.packed(row)?.folded), segment.numbers.id(row)?, Place { segment: at, row }));
            let is_next = |row: &(SortKey<'_>, AssetId, Place)| wanted.is_beyond(&row.0, &row.1);
            if selected.count().saturating_mul(FEW) < segment.live.count() {
                rows.extend(selected.iter().filter_map(keyed).filter(is_next));
                continue;
            }
            let order = by_name(segment);
            let is_before = |row: &u16| keyed(*row).is_some_and(|row| !is_next(&row));
            let mut from_here: Box<dyn Iterator<Item = &u16>> = match wanted.direction {
                Direction::Ascending => Box::new(order.iter().skip(order.partition_point(is_before))),
                Direction::Descending => Box::new(order.iter().take(order.partition_point(|row| !is_before(row))).rev()),
            };
            rows.extend(from_here.by_ref().filter(|&&row| selected.contains(row)).take(wanted.most).filter_map(|&row| keyed(row)));
        }
        rows.sort_unstable_by(|a, b| wanted.turn((&a.0, a.1).cmp(&(&b.0, b.1))));
        rows.truncate(wanted.most);
        rows.into_iter().map(|(key, id, place)| (key.into_owned(), id, place)).collect()
    }
}

fn read(column: Option<Column>, segment: &Segment, row: u16) -> i64 {
    let Some(column) = column else { return 0 };
    let (block, at) = (usize::from(row) / BLOCK, usize::from(row) % BLOCK);
    segment.numbers.block(block).map_or(i64::MIN, |block| column.read(block, at))
}

fn sorted<K: Ord>(rows: impl Iterator<Item = (K, AssetId, Place)>, direction: Direction) -> Vec<Place> {
    let mut rows: Vec<(K, AssetId, Place)> = rows.collect();
    rows.sort_unstable();
    if direction == Direction::Descending {
        rows.reverse();
    }
    rows.into_iter().map(|(_, _, place)| place).collect()
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    direction: Direction,
    after: Option<&'a Cursor>,
    most: usize,
}

impl Wanted<'_> {
    fn turn(&self, ordering: std::cmp::Ordering) -> std::cmp::Ordering {
        if self.direction == Direction::Ascending { ordering } else { ordering.reverse() }
    }

    /// Whether a row comes after the cursor.
    fn is_beyond(&self, key: &SortKey<'_>, id: &AssetId) -> bool {
        self.after.is_none_or(|cursor| self.turn(cursor.compare(key, id)).is_gt())
    }

    /// Whether rows with this key may come after the cursor.
    fn reaches(&self, key: &SortKey<'_>) -> bool {
        self.after.is_none_or(|cursor| self.turn(key.cmp(cursor.key())).is_ge())
    }
}

/// The first rows of a list, of all that are offered. Keys and ids are turned around for descending lists.
struct Best {
    most: usize,
    is_descending: bool,
    /// Rows up to here are on earlier pages.
    after: Option<(i64, u128)>,
    /// The last of them on top.
    rows: BinaryHeap<(i64, u128, Place)>,
}

impl Best {
    /// With `key` all rows have this key, and are offered with the number 0.
    fn new(most: usize, wanted: Wanted<'_>, key: Option<&SortKey<'_>>) -> Self {
        let mut best = Self { most, is_descending: wanted.direction == Direction::Descending, after: None, rows: BinaryHeap::new() };
        best.after = wanted.after.and_then(|cursor| {
            let id: Option<AssetId> = cursor.id().parse().ok();
            let number = match (key, cursor.key()) {
                (Some(key), of) if key == of => 0,
                (Some(_), _) => return None,
                (None, SortKey::Number(number)) => *number,
                // A cursor of another column: the list goes on behind all numbers.
                (None, SortKey::Text(_)) => i64::MAX,
            };
            Some((best.turned(number), best.turned_id(id.map_or(u128::MAX, |id| id.0.as_u128()))))
        });
        best
    }

    fn turned(&self, key: i64) -> i64 {
        if self.is_descending { !key } else { key }
    }

    fn turned_id(&self, id: u128) -> u128 {
        if self.is_descending { !id } else { id }
    }

    /// The greatest turned key that can still come in.
    fn limit(&self) -> i64 {
        if self.rows.len() < self.most { i64::MAX } else { self.rows.peek().map_or(i64::MIN, |worst| worst.0) }
    }

    fn offer(&mut self, key: i64, segment: &Segment, place: Place) {
        let key = self.turned(key);
        if key > self.limit() || self.after.is_some_and(|(after, _)| key < after) {
            return;
        }
        let Some(id) = segment.numbers.id(place.row) else { return };
        let id = self.turned_id(id.0.as_u128());
        if self.after.is_some_and(|after| (key, id) <= after) {
            return;
        }
        if self.rows.len() >= self.most {
            if self.rows.peek().is_none_or(|worst| (worst.0, worst.1) <= (key, id)) {
                return;
            }
            self.rows.pop();
        }
        self.rows.push((key, id, place));
    }

    /// Offers many rows of a segment; groups of counters without a number that could come in are skipped.
    fn scan(&mut self, column: Option<Column>, segment: &Segment, at: u16, words: &[u64]) {
        for (lot, words) in words.chunks(BLOCK / WORD).enumerate() {
            let Some(block) = segment.numbers.block(lot) else { return };
            let counts = match column {
                Some(Column::Count(column)) => {
                    let summary = block.counts.summary(column);
                    if self.is_too_late(summary.least, summary.greatest) {
                        continue;
                    }
                    block.counts.columns.get(column)
                }
                _ => None,
            };
            for (group, &word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
                let extremes = counts.and_then(|counts| counts.as_chunks::<WORD>().0.get(group)).map(|group| bits::extremes(group));
                if extremes.is_some_and(|(least, greatest)| self.is_too_late(least, greatest)) {
                    continue;
                }
                for row in rows_of(lot * (BLOCK / WORD) + group, word) {
                    self.offer(
                        column.map_or(0, |column| column.read(block, usize::from(row) % BLOCK)),
                        segment,
                        Place { segment: at, row },
                    );
                }
            }
        }
    }

    /// Whether no counter between these can come in.
    fn is_too_late(&self, least: u16, greatest: u16) -> bool {
        self.turned(i64::from(if self.is_descending { greatest } else { least })) > self.limit()
    }

    fn finish(self) -> Vec<(i64, AssetId, Place)> {
        let (is_descending, rows) = (self.is_descending, self.rows.into_sorted_vec());
        let back = |(key, id, place): (i64, u128, Place)| {
            let (key, id) = if is_descending { (!key, !id) } else { (key, id) };
            (key, AssetId(uuid::Uuid::from_u128(id)), place)
        };
        rows.into_iter().map(back).collect()
    }
}
