//! Up to 32,256 assets of one kind, kept both ways: by value as planes, by asset as rows.

use super::bytes::ByteRows;
use super::categories::Categories;
use super::chunks::Chunks;
use super::classes::{CLASSES, Classes, Tally, Weight};
use super::columns::Columns;
use super::dictionary::Category;
use super::found::Found;
use super::numbers::Numbers;
use super::packed::{Codes, Packed};
use super::pending::Pending;
use super::place::Home;
use super::plane::Plane;
use super::rescan::Scans;
use super::software::SoftwareRows;
use super::spares::Spares;
use super::texts::OwnValues;
use super::unions::Unions;
use super::unknown::Unknown;
use crate::catalog::Catalog;
use fettle_model::finding::{FindingStatus, Findings};
use fettle_model::ids::{AssetId, PatchNo};
use std::sync::{Arc, OnceLock};

/// Most rows of a segment. A plane of all of them is four kilobytes: small enough to be copied when one row
/// changes, large enough that a million assets are some forty segments. It is a cache line less than that, so that
/// with the two counters of its [`Arc`] it fills a block of the allocator; with one word more it would take the next
/// size, which is a quarter larger.
pub(crate) const ROWS: usize = 32_256;

/// Patches whose planes lie in one chunk.
pub(crate) const PAIRS: usize = 32;

/// The rows that miss and that have a patch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pair {
    pub(crate) missing: Plane,
    pub(crate) installed: Plane,
}

impl Pair {
    /// The rows of a status.
    pub(crate) fn of(&self, status: FindingStatus) -> &Plane {
        match status {
            FindingStatus::Missing => &self.missing,
            FindingStatus::Installed => &self.installed,
        }
    }
}

/// Some assets. Cloning shares everything; a change copies what it touches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    /// Whose rows these are.
    pub(crate) home: Home,
    /// Rows that hold an asset.
    pub(crate) live: Plane,
    /// Rows whose findings are missing or old.
    pub(crate) unknown: Unknown,
    /// By category and value.
    pub(crate) categories: Categories,
    /// Which patches have planes here.
    pub(crate) columns: Arc<Columns>,
    /// What each of these patches counts as, by column.
    pub(crate) weights: Arc<Vec<Weight>>,
    /// By column.
    pub(crate) patches: Chunks<Pair, PAIRS>,
    /// What is still to be written to these planes; nothing in a published version.
    pub(crate) pending: Pending,
    /// Rows that miss (have) a patch of a class.
    pub(crate) classes: Arc<[[Plane; CLASSES]; 2]>,
    /// Rows that miss (have) a patch of a set that was asked for.
    pub(crate) unions: Unions,
    /// Counters, moments and sizes.
    pub(crate) numbers: Numbers,
    /// Findings by row: the truth that the planes follow.
    pub(crate) found: ByteRows,
    /// Cards by row.
    pub(crate) cards: ByteRows,
    /// Software by row.
    pub(crate) software: SoftwareRows,
    /// Rows by folded name, then id; made when first asked for, gone when a name changes.
    pub(crate) by_name: OnceLock<Arc<[u16]>>,
    /// Names and the like, for searching.
    pub(crate) own_values: OwnValues,
}

impl Segment {
    /// Rows that ever held an asset lie below this.
    pub(crate) fn end(&self) -> usize {
        self.live.last().map_or(0, |last| usize::from(last) + 1)
    }

    /// Whether another asset fits in.
    pub(crate) fn has_room(&self) -> bool {
        usize::try_from(self.live.count()).unwrap_or(usize::MAX) < ROWS
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> u32 {
        u32::try_from(self.columns.len()).unwrap_or(u32::MAX)
    }

    /// The planes of a patch.
    pub(crate) fn pair(&self, no: PatchNo) -> Option<&Pair> {
        self.column(self.columns.of(no)?)
    }

    /// The planes of a column.
    pub(crate) fn column(&self, column: u32) -> Option<&Pair> {
        self.patches.get(usize::try_from(column).ok()?)
    }

    /// What the patch of a column counts as.
    pub(crate) fn weight(&self, column: u32) -> Option<Weight> {
        self.weights.get(usize::try_from(column).ok()?).copied()
    }

    /// The card of a row, packed.
    pub(crate) fn packed(&self, row: u16) -> Option<Packed<'_>> {
        Packed::read(self.cards.get(row))
    }

    /// The values of a row in all categories.
    pub(crate) fn codes(&self, row: u16) -> Codes {
        self.packed(row).and_then(|card| card.codes()).unwrap_or_default()
    }

    /// The findings of a row by column.
    pub(crate) fn read_found(&self, row: u16, found: &mut Found) {
        // Only this crate writes them, so they can be read.
        if found.read(self.found.get(row), self.width()).is_none() {
            *found = Found::default();
        }
    }

    /// The columns that a row misses.
    pub(crate) fn read_missing(&self, row: u16, missing: &mut Vec<u32>) {
        if Found::read_missing(self.found.get(row), missing, self.width()).is_none() {
            missing.clear();
        }
    }

    /// The findings of a row.
    pub(crate) fn findings(&self, row: u16) -> Findings {
        let mut found = Found::default();
        self.read_found(row, &mut found);
        let numbers = |columns: &[u32]| {
            let mut numbers: Vec<PatchNo> = columns.iter().filter_map(|&column| self.columns.number(column)).collect();
            if !self.columns.are_ordered() {
                numbers.sort_unstable();
            }
            numbers
        };
        Findings { missing: numbers(&found.missing), installed: numbers(&found.installed) }
    }

    /// Gives a free row to an asset of which nothing is known yet. `None` when there is none.
    pub(crate) fn occupy(&mut self, asset: AssetId) -> Option<u16> {
        let row = self.free_row()?;
        self.live.insert(row);
        self.numbers.reach(row);
        self.numbers.set_id(row, asset);
        self.by_name = OnceLock::new();
        Some(row)
    }

    fn free_row(&self) -> Option<u16> {
        let free = match &self.live {
            Plane::Empty => 0,
            Plane::Few(rows) => (0_u16..).zip(rows.iter()).position(|(at, &row)| at != row).unwrap_or(rows.len()),
            Plane::Many(_, words) => {
                let at = words.iter().position(|&word| word != u64::MAX);
                at.map_or(words.len() * 64, |at| at * 64 + words.get(at).map_or(0, |word| word.trailing_ones() as usize))
            }
        };
        u16::try_from(free).ok().filter(|_| free < ROWS)
    }

    /// Takes a row away from its asset.
    pub(crate) fn vacate(&mut self, row: u16, catalog: &Catalog) {
        self.set_findings(row, &Findings::default(), catalog, &mut Scans::default());
        let codes = self.codes(row);
        self.categories.change(row, &codes, &Codes::default());
        self.set_tags_above(row, &[]);
        self.cards.put(row, &[]);
        self.software.put(row, None);
        self.unknown.put(row, false);
        self.live.remove(row);
        self.by_name = OnceLock::new();
        self.own_values = OwnValues::default();
    }

    /// Replaces the packed card of a row.
    pub(crate) fn set_card(&mut self, row: u16, bytes: &[u8], codes: &Codes) {
        let old = self.codes(row);
        let (before, now) = (Packed::read(self.cards.get(row)), Packed::read(bytes));
        let is_renamed = before.map(|card| card.folded) != now.map(|card| card.folded);
        self.own_values.forget(before, now);
        self.categories.change(row, &old, codes);
        if self.cards.get(row) != bytes {
            self.cards.put(row, bytes);
        }
        if is_renamed {
            self.by_name = OnceLock::new();
        }
    }

    /// Replaces the tags above those a row carries; ascending.
    pub(crate) fn set_tags_above(&mut self, row: u16, above: &[u32]) {
        let planes = self.categories.all(Category::TagAbove as usize);
        let before: Vec<u32> = planes.iter().filter(|(_, plane)| plane.contains(row)).map(|(tag, _)| *tag).collect();
        if before != above {
            self.categories.change_tags(row, Category::TagAbove, &before, above);
        }
    }

    pub(crate) fn add_column(&mut self, no: PatchNo, catalog: &Catalog) -> u32 {
        let column = Arc::make_mut(&mut self.columns).add(no);
        Arc::make_mut(&mut self.weights).push(Weight::of(catalog, no));
        self.patches.push(Pair::default());
        column
    }

    /// Writes what waits to the planes of patches and to kept answers. `at` is the segment's place.
    pub(crate) fn flush(&mut self, at: u16, spares: &mut Spares) {
        let moves = self.pending.take(self.patches.len());
        spares.write(at, &mut self.patches, &moves);
        self.unions.flush();
    }

    pub(crate) fn count(&self, tally: &mut Tally, column: u32, status: FindingStatus, by: i32) {
        let Some(weight) = self.weight(column) else { return };
        match status {
            FindingStatus::Missing => tally.count_missing(weight, by),
            FindingStatus::Installed => tally.count_installed(weight, by),
        }
    }

    /// The counters of some findings.
    pub(crate) fn counted(&self, found: &Found) -> Tally {
        let mut tally = Tally::default();
        found.missing.iter().for_each(|&column| self.count(&mut tally, column, FindingStatus::Missing, 1));
        found.installed.iter().for_each(|&column| self.count(&mut tally, column, FindingStatus::Installed, 1));
        tally
    }

    /// The rows that miss (have) a patch of a class.
    pub(crate) fn class(&self, status: FindingStatus, class: Classes) -> Option<&Plane> {
        self.classes.get(status as usize)?.get(class.trailing_zeros() as usize)
    }
}

pub(crate) fn of(found: &Found, status: FindingStatus) -> &[u32] {
    match status {
        FindingStatus::Missing => &found.missing,
        FindingStatus::Installed => &found.installed,
    }
}
