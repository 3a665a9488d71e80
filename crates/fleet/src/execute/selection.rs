//! What a query selected.

use super::evaluate::{Scene, Side};
use super::plan::{Plan, Preparation};
use crate::card::AssetRow;
use crate::index::place::Place;
use crate::index::plane::Plane;
use crate::index::segment::Segment;
use crate::scoped::ScopedView;
use crate::software::{SoftwareList, SoftwareTable};
use fettle_model::ids::AssetId;
use fettle_query::{Checked, Entity};
use std::sync::Arc;

/// A query that asks for something else than the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this list holds {wanted} records, the query asks for {asked}; check the query as one over {wanted} records")]
pub struct WrongEntity {
    /// What the query asks for.
    pub asked: Entity,
    /// What the list holds.
    pub wanted: Entity,
}

/// The assets that a query selected, in one version of the fleet. Everything a screen shows is made from one
/// selection, so that its numbers fit together. Cheap to copy.
#[derive(Debug, Clone)]
pub struct Selection {
    pub(super) scoped: ScopedView,
    /// By segment.
    pub(super) parts: Arc<[Plane]>,
    count: u64,
    unknown: u64,
}

/// Sets of rows by segment, and how many rows they have together.
#[derive(Default)]
struct Rows {
    parts: Vec<Plane>,
    count: u64,
}

impl Rows {
    fn push(&mut self, part: Plane) {
        self.count += u64::from(part.count());
        self.parts.push(part);
    }

    fn into_selection(self, scoped: &ScopedView, unknown: u64) -> Selection {
        Selection { scoped: scoped.clone(), parts: self.parts.into(), count: self.count, unknown }
    }
}

impl ScopedView {
    /// The assets in scope that satisfy a query.
    ///
    /// # Errors
    /// When the query does not ask for assets.
    pub fn select(&self, query: &Checked) -> Result<Selection, WrongEntity> {
        let plan = self.planned(query)?;
        let asks_findings = plan.asks_findings();
        let (mut sure, mut unknown) = (Rows::default(), 0);
        for (at, segment) in self.view().segments.iter().enumerate() {
            let part = self.sure(at, segment, &plan);
            if asks_findings {
                let scene = Scene { segment, are_unknown: true };
                unknown += u64::from(scene.count(&plan, Side::Possible, &self.open(at, segment), &part));
            }
            sure.push(part);
        }
        Ok(sure.into_selection(self, unknown))
    }

    /// The assets in scope of which nobody can tell whether they satisfy a query: as many as
    /// [`Selection::unknown`] of [`ScopedView::select`] says, and these.
    ///
    /// # Errors
    /// When the query does not ask for assets.
    pub fn select_unknown(&self, query: &Checked) -> Result<Selection, WrongEntity> {
        let plan = self.planned(query)?;
        let asks_findings = plan.asks_findings();
        let mut open = Rows::default();
        for (at, segment) in self.view().segments.iter().enumerate() {
            open.push(if asks_findings && !segment.unknown.is_empty() {
                self.undecided(at, segment, &plan, &self.sure(at, segment, &plan))
            } else {
                Plane::default()
            });
        }
        Ok(open.into_selection(self, 0))
    }

    fn planned(&self, query: &Checked) -> Result<Plan, WrongEntity> {
        if query.entity() != Entity::Asset {
            return Err(WrongEntity { asked: query.entity(), wanted: Entity::Asset });
        }
        let preparation = Preparation { scoped: self, view: self.view(), reading: self.reading() };
        Ok(preparation.plan(query.root()))
    }

    /// The rows that surely satisfy a plan.
    fn sure(&self, at: usize, segment: &Segment, plan: &Plan) -> Plane {
        Scene { segment, are_unknown: false }.evaluate(plan, Side::Sure, self.rows_of(at, segment))
    }

    /// The rows nobody can tell of whether they satisfy a plan.
    fn undecided(&self, at: usize, segment: &Segment, plan: &Plan, sure: &Plane) -> Plane {
        // What is sure is taken out last: few rows are left by then.
        Scene { segment, are_unknown: true }.evaluate(plan, Side::Possible, self.open(at, segment)).minus(sure)
    }

    /// The rows in scope whose findings are missing or old.
    fn open(&self, at: usize, segment: &Segment) -> Plane {
        let unknown = segment.unknown.bits().clone();
        if self.sees_everything() { unknown } else { unknown.and(&self.rows_of(at, segment)) }
    }

    /// All assets in scope.
    #[must_use]
    pub fn everything(&self) -> Selection {
        let parts: Arc<[Plane]> = self.view().segments.iter().enumerate().map(|(at, segment)| self.rows_of(at, segment)).collect();
        let count = parts.iter().map(|part| u64::from(part.count())).sum();
        Selection { scoped: self.clone(), parts, count, unknown: 0 }
    }

    /// This asset alone; nothing when it is out of scope.
    #[must_use]
    pub fn only(&self, asset: AssetId) -> Selection {
        let place = self.visible(asset);
        let of = |at: usize| match place {
            Some(place) if usize::from(place.segment) == at => Plane::of_rows(&[place.row]),
            _ => Plane::default(),
        };
        let parts = (0..self.view().segments.len()).map(of).collect();
        Selection { scoped: self.clone(), parts, count: u64::from(place.is_some()), unknown: 0 }
    }
}

impl Selection {
    /// The version of the fleet it was made from.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.scoped.view().version()
    }

    /// How many assets there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many further assets may belong here: nobody knows, since their findings are missing or old.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// Ids of all assets, in no particular order.
    pub fn ids(&self) -> impl Iterator<Item = AssetId> {
        self.segments().flat_map(|(_, segment, rows)| rows.iter().filter_map(|row| segment.numbers.id(row)))
    }

    /// Ids of the assets that are not in `other`, which is of the same version of the fleet.
    pub fn beyond(&self, other: &Self) -> impl Iterator<Item = AssetId> {
        self.segments().flat_map(|(at, segment, rows)| {
            let others = other.parts.get(usize::from(at)).cloned().unwrap_or_default();
            let rest: Vec<u16> = rows.clone().minus(&others).iter().collect();
            rest.into_iter().filter_map(|row| segment.numbers.id(row))
        })
    }

    /// Whether an asset is among them.
    #[must_use]
    pub fn contains(&self, asset: AssetId) -> bool {
        self.scoped.view().place(asset).is_some_and(|place| self.has(place))
    }

    pub(super) fn has(&self, place: Place) -> bool {
        self.parts.get(usize::from(place.segment)).is_some_and(|rows| rows.contains(place.row))
    }

    /// The segments with selected rows, each with its number and these rows.
    pub(super) fn segments(&self) -> impl Iterator<Item = (u16, &Arc<Segment>, &Plane)> {
        let segments = (0..).zip(&self.scoped.view().segments).zip(self.parts.iter());
        segments.map(|((at, segment), rows)| (at, segment, rows)).filter(|(_, _, rows)| !rows.is_empty())
    }

    /// The lists of packages on these assets, as far as they are known; machines set up alike share one.
    pub(crate) fn software(&self) -> impl Iterator<Item = &SoftwareList> {
        self.segments().flat_map(|(_, segment, rows)| rows.iter().filter_map(|row| segment.software.get(row)))
    }

    /// Where these lists are from.
    pub(crate) fn table(&self) -> &SoftwareTable {
        self.scoped.view().software()
    }

    /// All selected rows.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        self.segments().flat_map(|(segment, _, rows)| rows.iter().map(move |row| Place { segment, row }))
    }

    pub(super) fn row(&self, place: Place) -> Option<AssetRow> {
        self.scoped.view().asset_row(place)
    }
}
