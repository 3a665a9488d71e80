//! Conditions that planes answer, all of which must hold.

use crate::index::plane::Plane;

/// Planes that a row must be in, or must not be in. All planes are of one segment.
pub(super) struct Literals<'a> {
    live: u32,
    planes: Vec<(&'a Plane, bool)>,
    /// Unions that a row must be in.
    unions: Vec<Plane>,
    /// No row can pass.
    is_none: bool,
}

impl<'a> Literals<'a> {
    /// No condition yet, in a segment of so many rows.
    pub(super) fn new(live: u32) -> Self {
        Self { live, planes: Vec::with_capacity(8), unions: Vec::new(), is_none: false }
    }

    /// A row must be in this plane, or must not.
    pub(super) fn push(&mut self, plane: &'a Plane, is_in: bool) {
        let count = plane.count();
        let (all_pass, none_passes) = if is_in { (self.live, 0) } else { (0, self.live) };
        if count == none_passes {
            self.is_none = true;
        } else if count != all_pass {
            self.planes.push((plane, is_in));
        }
    }

    /// A row must be in one of these planes.
    pub(super) fn push_union(&mut self, planes: &[&'a Plane]) {
        match planes {
            [] => self.is_none = true,
            [plane] => self.push(plane, true),
            planes if planes.iter().any(|plane| plane.count() == self.live) => {}
            planes => self.unions.push(Plane::union_as_bits(planes)),
        }
    }

    /// The rows of `within` that pass.
    pub(super) fn pass(self, within: Plane) -> Plane {
        if self.is_none {
            return Plane::Empty;
        }
        let mut planes: Vec<(&Plane, bool)> = self.planes;
        planes.extend(self.unions.iter().map(|union| (union, true)));
        // The fewest rows first: they are the most that can be left.
        let least = planes.iter().copied().filter(|(_, is_in)| *is_in).min_by_key(|(plane, _)| plane.count());
        match least.filter(|(plane, _)| plane.count() < within.count()) {
            Some((least, _)) => {
                planes.retain(|(plane, is_in)| !(*is_in && std::ptr::eq(*plane, least)));
                if within.count() < self.live {
                    planes.push((&within, true));
                }
                least.clone().all_of(&planes)
            }
            None => within.all_of(&planes),
        }
    }

    /// How many rows of `within` pass.
    pub(super) fn count(self, within: &Plane) -> u32 {
        if self.is_none {
            return 0;
        }
        let mut planes: Vec<(&Plane, bool)> = self.planes;
        planes.extend(self.unions.iter().map(|union| (union, true)));
        within.count_all_of(&planes)
    }
}
