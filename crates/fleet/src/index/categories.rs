//! For every value of a category, the rows that have it.

use super::dictionary::{CATEGORIES, Category, NONE};
use super::packed::Codes;
use super::plane::{Plane, Union};
use std::sync::Arc;

/// Planes by category and number, for the rows of one segment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Categories([Arc<Vec<(u32, Plane)>>; CATEGORIES]);

impl Categories {
    /// The planes of all categories in their order, each ascending by number.
    pub(crate) fn of(planes: [Vec<(u32, Plane)>; CATEGORIES]) -> Self {
        Self(planes.map(Arc::new))
    }

    /// All numbers of a category that rows have, ascending, with their rows.
    pub(crate) fn all(&self, category: usize) -> &[(u32, Plane)] {
        self.0.get(category).map_or(&[], |planes| planes)
    }

    /// The rows with a number.
    pub(crate) fn get(&self, category: Category, number: u32) -> Option<&Plane> {
        let planes = self.all(category as usize);
        let at = planes.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        planes.get(at).map(|(_, plane)| plane)
    }

    /// The rows with any value.
    pub(crate) fn any(&self, category: Category) -> Plane {
        match self.all(category as usize) {
            [] => Plane::Empty,
            [(_, one)] => one.clone(),
            several => {
                let mut union = Union::below(0);
                several.iter().for_each(|(_, plane)| union.add(plane));
                union.finish()
            }
        }
    }

    /// Moves a row from its old values to its new ones.
    pub(crate) fn change(&mut self, row: u16, old: &Codes, new: &Codes) {
        for (category, (old, new)) in old.single.iter().zip(&new.single).enumerate() {
            if old != new {
                self.take(category, *old, row);
                self.give(category, *new, row);
            }
        }
        self.change_tags(row, Category::Tag, &old.tags, &new.tags);
    }

    /// Moves a row from some tags to others; both ascend.
    pub(crate) fn change_tags(&mut self, row: u16, category: Category, old: &[u32], new: &[u32]) {
        let category = category as usize;
        old.iter().filter(|tag| new.binary_search(tag).is_err()).for_each(|&tag| self.take(category, tag, row));
        new.iter().filter(|tag| old.binary_search(tag).is_err()).for_each(|&tag| self.give(category, tag, row));
    }

    /// Replaces all planes of a category.
    pub(crate) fn replace(&mut self, category: Category, planes: Vec<(u32, Plane)>) {
        if let Some(slot) = self.0.get_mut(category as usize) {
            *slot = Arc::new(planes);
        }
    }

    fn give(&mut self, category: usize, number: u32, row: u16) {
        let Some(planes) = self.0.get_mut(category).filter(|_| number != NONE).map(Arc::make_mut) else { return };
        let at = match planes.binary_search_by_key(&number, |(number, _)| *number) {
            Ok(at) => at,
            Err(at) => {
                planes.insert(at, (number, Plane::Empty));
                at
            }
        };
        if let Some((_, plane)) = planes.get_mut(at) {
            plane.insert(row);
        }
    }

    fn take(&mut self, category: usize, number: u32, row: u16) {
        let Some(planes) = self.0.get_mut(category).filter(|_| number != NONE).map(Arc::make_mut) else { return };
        let Ok(at) = planes.binary_search_by_key(&number, |(number, _)| *number) else { return };
        let Some((_, plane)) = planes.get_mut(at) else { return };
        plane.remove(row);
        if plane.is_empty() {
            planes.remove(at);
        }
    }
}
