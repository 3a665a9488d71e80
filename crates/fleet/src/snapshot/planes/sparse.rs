//! The same for a segment with very many columns: findings are counted by column, then each is put into its place.

use super::UNREADABLE;
use crate::index::classes::{CLASSES, Classes};
use crate::index::found::Found;
use crate::index::plane::{Plane, Union};
use crate::index::segment::{Pair, Segment, of};
use crate::snapshot::cursor::Read;
use fettle_model::finding::FindingStatus;
use std::sync::Arc;

const STATUSES: [FindingStatus; 2] = [FindingStatus::Missing, FindingStatus::Installed];

/// Derives planes, classes and counters of a segment from its findings.
pub(super) fn derive(segment: &mut Segment) -> Read<()> {
    let mut sides = [(); 2].map(|()| Side::new(segment));
    let mut found = Found::default();
    for row in segment.live.clone().iter() {
        found.read(segment.found.get(row), segment.width()).ok_or(UNREADABLE)?;
        segment.numbers.set_tally(row, &segment.counted(&found));
        for (side, status) in sides.iter_mut().zip(STATUSES) {
            side.count(segment, row, of(&found, status));
        }
    }
    sides.iter_mut().for_each(Side::allot);
    for row in segment.live.iter() {
        found.read(segment.found.get(row), segment.width()).ok_or(UNREADABLE)?;
        for (side, status) in sides.iter_mut().zip(STATUSES) {
            side.put(row, of(&found, status));
        }
    }
    let [missing, installed] = &sides;
    for (missing, installed) in missing.planes().zip(installed.planes()) {
        segment.patches.push(Pair { missing, installed });
    }
    segment.classes = Arc::new([missing.class_planes(), installed.class_planes()]);
    Ok(())
}

/// Missing or installed.
struct Side {
    /// By column: first how many rows it has, then where the next one goes, in the end where they end.
    places: Vec<usize>,
    /// Rows by column.
    rows: Vec<u16>,
    /// By class, then row.
    classes: [Union; CLASSES],
}

impl Side {
    fn new(segment: &Segment) -> Self {
        Self { places: vec![0; segment.columns.len()], rows: Vec::new(), classes: [(); CLASSES].map(|()| Union::below(segment.end())) }
    }

    fn place(&mut self, column: u32) -> Option<&mut usize> {
        self.places.get_mut(usize::try_from(column).ok()?)
    }

    fn count(&mut self, segment: &Segment, row: u16, columns: &[u32]) {
        let mut classes: Classes = 0;
        for &column in columns {
            classes |= segment.weight(column).map_or(0, |weight| weight.shown());
            self.place(column).into_iter().for_each(|count| *count += 1);
        }
        for (_, rows) in self.classes.iter_mut().enumerate().filter(|(class, _)| classes >> class & 1 == 1) {
            rows.insert(row);
        }
    }

    fn allot(&mut self) {
        let mut sum = 0;
        for place in &mut self.places {
            sum += std::mem::replace(place, sum);
        }
        self.rows = vec![0; sum];
    }

    fn put(&mut self, row: u16, columns: &[u32]) {
        for &column in columns {
            let Some(place) = self.place(column) else { continue };
            let at = *place;
            *place += 1;
            self.rows.get_mut(at).into_iter().for_each(|slot| *slot = row);
        }
    }

    fn planes(&self) -> impl Iterator<Item = Plane> {
        let starts = [0].into_iter().chain(self.places.iter().copied());
        starts.zip(&self.places).map(|(start, &end)| Plane::of_rows(self.rows.get(start..end).unwrap_or_default()))
    }

    fn class_planes(&self) -> [Plane; CLASSES] {
        self.classes.each_ref().map(|rows| Plane::of_words(rows.words()))
    }
}
